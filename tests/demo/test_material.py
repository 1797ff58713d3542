"""The demo's own CVs: complete, readable, varied, and true to what the lists say about them."""

import re
from collections import Counter
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path

import docx
import pypdfium2
import pytest

from bascule.demo.material import Application, Fit, Kind, Material, load

FICTION = (  # numbers that regulators keep free for films and books
    r"\+44(7700900\d{3}|2079460\d{3}|1614960\d{3}|1314960\d{3}|1632960\d{3})",
    r"\+46(70174(06)(0[5-9]|[1-9]\d)|3139006[0-4]\d|40628040?[0-4]\d|4062804[0-4]\d|846500[4]\d{2}|9803192[0-4]\d)",
    r"\+49(3023125\d{3}|4066969\d{3}|2214710\d{3}|8999998\d{3}|17139200\d{2}|176040690\d{2})",
    r"\+33(199\d{6}|46571\d{4}|63998\d{4})",
    r"\+1\d{3}55501\d{2}",
)


@pytest.fixture(scope="module")
def material() -> Material:
    return load()


@pytest.fixture(scope="module")
def texts(material: Material) -> dict[str, str]:
    return {a.file.name: text_of(a.file) for a in material.applications if a.kind is not Kind.BROKEN_PDF}


def text_of(path: Path) -> str:
    """All text of a CV, headers, footers and tables included, with plain spaces."""
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as pdf:
            found = [page.get_textpage().get_text_range() for page in pdf]
    else:
        document = docx.Document(str(path))
        parts = [document.element.body, *(p._element for s in document.sections for p in (s.header, s.footer))]
        found = ["".join(node.text or "" for node in para.iter("{*}t")) for part in parts for para in part.iter("{*}p")]
    return " ".join(" ".join(found).replace("\ufffe", "-").split())


def named(applications: tuple[Application, ...], kind: Kind) -> Application:
    (found,) = (a for a in applications if a.kind is kind)
    return found


def test_sixty_applications_have_sixty_files_and_four_jobs(material: Material) -> None:
    files = {a.file for a in material.applications}
    assert len(material.applications) == len(files) == 60
    assert {job.key for job in material.jobs} == {"backend", "analyst", "nurse", "accountant"}
    assert files == set(material.applications[0].file.parent.iterdir())
    assert Counter(a.job.key for a in material.applications).most_common()[-1][1] >= 12


def test_a_few_people_apply_for_two_jobs_and_nobody_twice_for_one(material: Material) -> None:
    jobs = Counter(a.applicant.key for a in material.applications)
    assert len(jobs) == len(material.applicants) == 56
    assert sorted(jobs.values())[-4:] == [2, 2, 2, 2]
    assert len({(a.applicant.key, a.job.key) for a in material.applications}) == 60


def test_every_file_begins_as_its_name_says(material: Material) -> None:
    starts = {".pdf": b"%PDF-", ".docx": b"PK\x03\x04"}
    for path in [a.file for a in material.applications] + [a.twin for a in material.applications if a.twin]:
        assert path.read_bytes().startswith(starts[path.suffix]), path.name
    assert Counter(a.file.suffix for a in material.applications) == {".pdf": 38, ".docx": 22}


def test_names_titles_and_employers_stand_in_the_text(material: Material, texts: dict[str, str]) -> None:
    for a in material.applications:
        if a.kind is Kind.BROKEN_PDF:
            continue
        text = texts[a.file.name].casefold()
        for truth in (a.applicant.first_name, a.applicant.last_name, a.title, a.employer, a.applicant.email):
            # a narrow column may break inside a word, so spaces do not count
            if truth is None:
                continue
            assert truth.casefold().replace(" ", "") in text.replace(" ", ""), (a.file.name, truth)


def test_the_broken_pdf_cannot_be_opened(material: Material) -> None:
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(named(material.applications, Kind.BROKEN_PDF).file)


def test_each_trick_is_all_that_parts_a_tricky_cv_from_its_twin(material: Material) -> None:
    for kind, trick in ((Kind.HIDDEN_KEYWORDS, "Kafka"), (Kind.INJECTED_INSTRUCTION, "100 out of 100")):
        tricky = named(material.applications, kind)
        assert tricky.fit is Fit.WEAK
        assert tricky.twin is not None
        with_trick, honest = text_of(tricky.file), text_of(tricky.twin)
        assert trick in with_trick
        assert trick not in honest
        assert set(honest.split()) <= set(with_trick.split())
    assert all(a.twin is None for a in material.applications if a.kind in (Kind.HONEST, Kind.BROKEN_PDF))


def test_four_languages_and_all_grades_of_fit_are_there(material: Material) -> None:
    assert Counter(a.language for a in material.applications) == {"en": 37, "sv": 9, "de": 8, "fr": 6}
    for job in material.jobs:
        fits = {a.fit for a in material.applications if a.job is job}
        assert fits == set(Fit), job.key


def test_no_two_cvs_are_much_alike(texts: dict[str, str], material: Material) -> None:
    """One person sends the very same file for two jobs; any other two are different texts."""
    twice = {name for name in texts if name.startswith("CV_Tomas")}
    words = {name: text.casefold().split() for name, text in texts.items()}
    for one, other in combinations(texts, 2):
        if {one, other} == twice:
            assert texts[one] == texts[other]
            continue
        matcher = SequenceMatcher(None, words[one], words[other], autojunk=False)
        if matcher.quick_ratio() > 0.5:
            assert matcher.ratio() < 0.6, (one, other)


def test_contact_data_can_belong_to_nobody(material: Material) -> None:
    phones = [person.phone for person in material.applicants]
    assert 10 <= phones.count(None) <= 20
    for phone in filter(None, phones):
        assert any(re.fullmatch(pattern, phone.replace(" ", "")) for pattern in FICTION), phone
    for person in material.applicants:
        assert re.search(r"@([\w-]+\.)*(example\.(com|org|net)|[\w-]+\.example)$", person.email), person.email


def test_answers_fit_the_questions(material: Material) -> None:
    for a in material.applications:
        for question in a.job.questions:
            said = a.answers.get(question.key)
            assert said is not None or not question.required, (a.file.name, question.key)
            if said is not None and question.kind == "yes_no":
                assert said in ("yes", "no")
            if said is not None and question.kind == "number":
                assert float(said) >= 0
        assert set(a.answers) <= {question.key for question in a.job.questions}


def test_adverts_read_as_adverts_and_the_whole_stays_small(material: Material) -> None:
    assert all(200 <= len(job.description.split()) <= 350 for job in material.jobs)
    folder = material.applications[0].file.parent.parent
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 4_000_000
