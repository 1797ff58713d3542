"""Words the made-up people are made of."""

# Given names, family names and a phone prefix for each of several cultures.
CULTURES: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (("Olivia", "George", "Amelia", "Harry", "Isla", "Jack", "Freya", "Alfie", "Grace", "Oscar"),
     ("Thompson", "Hughes", "Bennett", "Clarke", "Walsh", "Fletcher", "Marsh", "Pearce", "Doyle", "Holt"), "+44 7700"),
    (("Lena", "Jonas", "Katharina", "Felix", "Jürgen", "Anneliese", "Moritz", "Sabine", "Uwe", "Hannah"),
     ("Schäfer", "Krüger", "Voigt", "Lehmann", "von Bergen", "Köhler", "Baumgartner", "Nowak", "Groß", "Ziegler"),
     "+49 151"),
    (("Élodie", "Mathieu", "Chloé", "Baptiste", "Anaïs", "Théo", "Inès", "Rémi", "Zoé", "Jean-Luc"),
     ("Lefèvre", "Moreau", "Dubois", "Garnier", "Le Goff", "Chevalier", "Perrin", "Rousseau", "Benoît", "Faure"),
     "+33 6 39"),
    (("Astrid", "Björn", "Ebba", "Göran", "Linnéa", "Måns", "Saga", "Åke", "Elsa", "Nils"),
     ("Lindqvist", "Åkesson", "Sjöberg", "Nyström", "Ekdahl", "Öberg", "Hallgren", "Wikström", "Dahl", "Berglund"),
     "+46 70"),
    (("Ananya", "Rohan", "Priya", "Arjun", "Kavya", "Vikram", "Meera", "Siddharth", "Divya", "Harish"),
     ("Iyer", "Deshpande", "Chatterjee", "Reddy", "Kulkarni", "Nair", "Bhattacharya", "Menon", "Rao", "Gill"),
     "+91 98"),
    (("Yuki", "Haruto", "Sakura", "Kenji", "Aoi", "Takumi", "Naomi", "Ren", "Hina", "Sora"),
     ("Tanaka", "Fujimoto", "Ishikawa", "Nakagawa", "Ōta", "Kobayashi", "Mori", "Yamada", "Hayashi", "Endo"), "+81 90"),
    (("Amara", "Chidi", "Ngozi", "Emeka", "Folake", "Tunde", "Ifeoma", "Babajide", "Zainab", "Sefu"),
     ("Okafor", "Adeyemi", "Nwosu", "Balogun", "Eze", "Ogunleye", "Abubakar", "Mensah", "Diallo", "Osei"), "+234 80"),
    (("Sofía", "Mateo", "Valentina", "Joaquín", "Ximena", "Andrés", "Lucía", "Íñigo", "Camila", "Raúl"),
     ("García Márquez", "Núñez", "Ortega", "Peña", "Ibáñez", "Villalobos", "Quispe", "Herrera", "Muñoz", "Castaño"),
     "+34 612"),
    (("Layla", "Omar", "Yasmin", "Karim", "Noor", "Hassan", "Salma", "Tariq", "Rania", "Idris"),
     ("Haddad", "Al-Masri", "Benali", "Farouk", "Khalil", "El Amrani", "Nassar", "Aziz", "Saleh", "Ziadé"), "+971 50"),
    (("Wei", "Mei-Ling", "Jun", "Xiu", "Hao", "Lan", "Bo", "Qing", "Yan", "Zhen"),
     ("Chen", "Huang", "Zhao", "Lin", "Xu", "Ouyang", "Guo", "Tang", "Deng", "Liu"), "+86 138"),
    (("Oleksandr", "Iryna", "Mykola", "Daryna", "Agnieszka", "Wojciech", "Zuzanna", "Łukasz", "Milica", "Dragan"),
     ("Shevchenko", "Kovalenko", "Wiśniewski", "Dąbrowska", "Jovanović", "Petrović", "Novák", "Šimek", "Bondar",
      "Wójcik"), "+48 601"),
    (("Seán", "Siobhán", "Niamh", "Cormac", "Aoife", "Eoin", "Róisín", "Declan", "Ciarán", "Maeve"),
     ("O'Sullivan", "Ó Briain", "MacCarthy", "Kavanagh", "O'Dwyer", "Byrne", "Nolan", "McGrath", "Quinn", "Keane"),
     "+353 85"),
)  # fmt: skip

COMPANIES = (
    "Northwind Freight", "Halden & Co", "Brightwater Energy", "Kestrel Robotics", "Lumen Retail", "Orchard Bank",
    "Pinecrest Health", "Tidemark Software", "Umbra Games", "Velocity Rail", "Wren Logistics", "Zephyr Telecom",
    "Copperfield Foods", "Delta Works", "Elmwood Council", "Foundry Nine",
)  # fmt: skip
TITLES = (
    "Software Engineer", "Senior Developer", "Data Analyst", "Account Manager", "Sales Representative",
    "Operations Lead", "Customer Support Agent", "Registered Nurse", "Project Manager", "Product Designer",
    "Financial Controller", "Warehouse Supervisor", "Machine Learning Engineer", "HR Generalist", "Team Lead",
)  # fmt: skip
CITIES = ("London", "Berlin", "Lyon", "Stockholm", "Pune", "Osaka", "Lagos", "Valencia", "Dubai", "Kraków", "Cork",
          "Toronto")  # fmt: skip
TAGS = ("referred", "strong communicator", "relocation", "remote only", "silver medalist", "imported", "alumni",
        "visa needed", "callback", "night shifts")  # fmt: skip
NOTES = (
    "Spoke on the phone for 20 minutes. Clear about why they want to move.",
    "Asked to be contacted after the 15th; on leave until then.",
    "Salary expectation is at the top of our range.",
    "Very good questions about the team. Wants to meet the lead.",
    "Could start within four weeks.",
    "Prefers two days a week in the office.",
    "Portfolio shows the exact kind of work we need.",
    "Left a voicemail, no answer yet.",
)  # fmt: skip
PRAISE = (
    "Explained trade-offs without being asked.", "Solid basics, less depth in testing.",
    "Struggled with the second half.",
    "Best structured answers of the week.", "Friendly, precise, well prepared.",
)  # fmt: skip

RESUME = """{name}
{title} at {company}
{city}

Experience
2021 - present  {title}, {company}
2017 - 2021     {title}, Wren Logistics

Education
2017  University of {city}
"""

JOBS = (
    {"title": "Backend Engineer", "department": "Engineering", "office": "London",
     "stages": ("Application Review", "Phone Screen", "Technical Interview", "Onsite", "Offer"), "openings": 2,
     "questions": ({"label": "Are you allowed to work in the United Kingdom?", "type": "yes_no", "required": True},
                   {"label": "Link to code you are proud of"}),
     "description": "<p>You build the services behind our ordering platform.</p><h3>What you do</h3><ul><li>Design and "
                    "run Python services on PostgreSQL</li><li>Own what you ship, from design to on-call</li></ul>"
                    "<h3>What you bring</h3><ul><li>4 years of backend development</li><li>Python, SQL, Docker</li>"
                    "<li>Experience with event-driven systems is a plus</li></ul>"},
    {"title": "Account Executive", "department": "Sales", "office": "Berlin",
     "stages": ("New", "Recruiter Call", "Case Interview", "Final Interview"), "openings": 3,
     "questions": ("Which languages do you sell in?",),
     "description": "<p>You win mid-size customers in Germany and Austria.</p><ul><li>3 years of B2B sales</li>"
                    "<li>German and English, fluent</li><li>Salesforce, negotiation, forecasting</li></ul>"},
    {"title": "Registered Nurse", "department": "Care", "office": "Stockholm",
     "stages": ("Received", "Licence Check", "Interview", "Trial Day", "Contract"), "openings": 5,
     "questions": ({"label": "Your licence number", "required": True},),
     "description": "<p>You care for patients on our surgical ward.</p><ul><li>Registered nurse with a Swedish "
                    "licence</li>"
                    "<li>Patient assessment, medication, documentation</li><li>Night shifts by agreement</li></ul>"},
    {"title": "Data Analyst", "department": "Finance", "office": "Lyon",
     "stages": ("Application Review", "Phone Screen", "Technical Interview", "Onsite", "Offer"), "openings": 1,
     "questions": ("When could you start?",),
     "description": "<p>You turn numbers into decisions.</p><ul><li>SQL and Python or R</li><li>Dashboards in "
                    "Power BI or Tableau</li><li>Statistics, clear writing, French and English</li></ul>"},
)  # fmt: skip
