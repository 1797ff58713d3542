"""Why somebody did not work for a time, as resumes say it in English, German, Swedish and French.

The gap shows by the dates around it, and its reason is nobody's business: where a short line gives it, the line is
blanked before scoring, and what stands in a heading with dates is no position.
"""

import re

_LEAVE = (
    r"(?:maternity|paternity|parental|adoption|family|sick|medical) leave|(?:parental|family) time|career break|"
    r"sabbatical|unemployed|"
    r"between jobs|travell?ing\b|world trip|elternzeit|mutterschutz|erziehungsurlaub|arbeitslos\w*|arbeitssuchend|"
    r"weltreise|föräldraledig\w*|mammaledig|pappaledig|sjukskriven|arbetslös|arbetssökande|"
    r"congé (?:de )?(?:maternité|paternité|parental|maladie)|chômage|recherche d'emploi"
)
"""What is a break wherever it stands in a heading."""
_OTHER = (
    r"military service|national service|illness|(?:cared|caring) for|care of|"
    r"full[- ]time (?:parent|carer|caregiver)|(?:home|house)maker|housewife|househusband|travell?ed|studied at home|"
    r"wehrdienst|zivildienst|krankheit|pflege von|militärtjänst\w*|värnplikt\w*|service militaire|maladie"
)
"""What is one where a short line begins with it, and elsewhere may be somebody's work."""
BEGINS = re.compile(rf"{_LEAVE}|{_OTHER}", re.IGNORECASE)
IN_HEADING = re.compile(rf"\b(?:{_LEAVE})", re.IGNORECASE)
FIRST_WORDS = frozenset(
    str.split("""maternity paternity parental adoption family sick medical military national illness career sabbatical
    unemployed between cared caring care full homemaker housemaker housewife househusband traveled travelled traveling
    travelling studied world elternzeit mutterschutz erziehungsurlaub wehrdienst zivildienst arbeitslos arbeitslosigkeit
    arbeitssuchend krankheit pflege weltreise föräldraledig föräldraledighet mammaledig pappaledig militärtjänst
    militärtjänstgöring värnplikt värnpliktig sjukskriven arbetslös arbetssökande congé service chômage recherche
    maladie""")
)
"""Words that any of them begins with."""
