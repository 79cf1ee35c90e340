"""What the example program plans: five component projects as tables a planner can read.

A line is: code | name | working days (0: milestone, =: summary of the lines below it) | waits for | who | fixed cost.
`waits for` lists codes (PROJECT/CODE across projects) with an optional link such as SS+5, FF, FS-2 (days).
`who` lists role:units; fixed cost is thousands of EUR and falls due at the start (hardware, licences, contracts).
"""

ROLES: tuple[tuple[str, str, int, int], ...] = (
    # code, name, people available, EUR an hour
    ("PM", "Project manager", 5, 95),
    ("ARCH", "Solution architect", 3, 120),
    ("DEV", "Software developer", 9, 85),
    ("TEST", "Test engineer", 5, 75),
    ("INFRA", "Infrastructure engineer", 6, 90),
    ("BA", "Business analyst", 6, 88),
    ("CHANGE", "Change manager", 3, 82),
    ("SEC", "Security engineer", 2, 110),
)

PROJECTS: tuple[tuple[str, str, str, str, str], ...] = (
    ("DC-MIG", "Data centre exit", "infrastructure", "Paul Marsh", "Leave the Riverside data centre before its lease ends; no unplanned outage over four hours."),
    ("ERP-FIN", "Finance on new ERP", "software", "Lena Okafor", "Close the month in five working days on one ledger; retire three old systems."),
    ("IAM", "Single identity", "software", "Saul Haas", "One sign-on for 4,200 people; leavers lose access within an hour."),
    ("BPR-P2P", "Purchase-to-pay redesign", "process", "Astrid Lund", "Nine of ten invoices paid without a hand touching them."),
    ("TRAIN", "Capability and training", "organisation", "Rui Dias", "Every user of the new ERP trained and certified before go-live."),
)  # fmt: skip

PLAN: dict[str, str] = {
    "DC-MIG": """
        D100 | Prepare | = | | |
        D110 | Inventory of servers and services | 12 | | INFRA:2 BA:1 |
        D120 | Dependency mapping | 10 | D110 SS+5 | INFRA:2 ARCH:0.5 |
        D130 | Target landing zone design | 12 | D120 | ARCH:1 INFRA:1 SEC:0.5 |
        D140 | Migration waves agreed | 0 | D120, D130 | |
        D200 | Procure and install | = | | |
        D210 | Request quotes for storage arrays | 8 | D130 | PM:0.5 |
        D220 | Procure first storage array | 30 | D210 | PM:0.2 | 160
        D230 | Network lines to the new site | 35 | D140 | INFRA:0.5 | 180
        D240 | Rack and cable | 8 | D220 | INFRA:3 |
        D250 | Install and burn-in | 10 | D240 | INFRA:2 |
        D260 | Landing zone ready | 0 | D250, D230, D130 | |
        D300 | Migrate | = | | |
        D310 | Pilot migration of ten servers | 8 | D260 | INFRA:3 TEST:1 |
        D320 | Migrate wave 1: file and print | 10 | D310 | INFRA:3 |
        D330 | Migrate wave 2: web and middleware | 14 | D320 | INFRA:3 TEST:1 |
        D335 | Procure storage arrays for databases | 20 | D320 SS+12 | PM:0.2 | 640
        D340 | Migrate wave 3: databases | 16 | D330, D335, ERP-FIN/E460 SS | INFRA:4 TEST:1 |
        D350 | Disaster recovery test | 6 | D340, IAM/I440 | INFRA:2 SEC:1 |
        D360 | All services moved | 0 | D340, D350 | |
        D400 | Leave | = | | |
        D410 | Wipe and dispose of disks | 8 | D360 | INFRA:2 SEC:0.5 | 35
        D420 | Hand back the site | 5 | D410 | PM:0.5 |
        D430 | Site handed back | 0 | D420 | |
        D900 | Project management DC-MIG | 165 | D110 SS | PM:0.4 |
    """,
    "ERP-FIN": """
        E100 | Blueprint | = | | |
        E110 | Workshops: general ledger and closing | 12 | | BA:2 ARCH:1 |
        E120 | Workshops: payables and receivables | 10 | E110 SS+6 | BA:2 |
        E130 | Chart of accounts | 10 | E110 | BA:1 |
        E140 | Blueprint document | 8 | E120, E130 | BA:1 ARCH:1 |
        E150 | Blueprint sign-off | 0 | E140 | |
        E200 | Configure | = | | |
        E205 | ERP licences | 5 | E150 | PM:0.2 | 900
        E210 | Vendor sandbox delivered | 0 | E205 FS+10 | |
        E220 | Ledger configuration | 20 | E210 | DEV:2 BA:1 |
        E230 | Payables configuration | 18 | E210, BPR-P2P/B230 | DEV:2 BA:1 |
        E240 | Receivables configuration | 14 | E220 SS+8 | DEV:1 BA:1 |
        E250 | Roles and authorisations | 10 | E220, IAM/I230 | DEV:1 SEC:0.5 |
        E300 | Interfaces and data | = | | |
        E310 | Interface build: bank and payroll | 24 | E220 SS+5 | DEV:3 |
        E320 | Interface build: procurement | 18 | E230, BPR-P2P/B310 | DEV:2 |
        E330 | Data migration rehearsal 1 | 12 | E220 | DEV:2 BA:1 |
        E340 | Data migration rehearsal 2 | 10 | E330, E240 | DEV:2 BA:1 |
        E400 | Test and go live | = | | |
        E410 | Integration test cycle 1 | 14 | E310, E240, E250 | TEST:3 DEV:2 |
        E420 | Integration test cycle 2 | 12 | E410, E320, E340 | TEST:3 DEV:2 |
        E430 | User acceptance test | 14 | E420, IAM/I420 | TEST:2 BA:2 |
        E440 | Cut-over plan | 8 | E420 SS | PM:0.5 BA:1 |
        E450 | Cut-over rehearsal | 5 | E430, E440 | DEV:2 TEST:1 INFRA:1 |
        E460 | Production environment | 10 | DC-MIG/D330, E420 | INFRA:2 | 120
        E470 | Go-live | 0 | E450, E460, TRAIN/T430 | |
        E480 | Hypercare | 20 | E470 | DEV:2 BA:1 TEST:1 |
        E490 | First month closed on the new ERP | 0 | E480 | |
    """,
    "IAM": """
        I100 | Design | = | | |
        I110 | Survey of directories | 8 | | SEC:0.5 BA:1 |
        I120 | Identity model | 10 | I110 | ARCH:1 SEC:0.5 |
        I130 | Joiner, mover, leaver rules | 9 | I110 SS+4 | BA:1 |
        I140 | Design accepted | 0 | I120, I130 | |
        I200 | Build | = | | |
        I210 | Identity platform contract | 10 | I140 | PM:0.3 | 260
        I220 | Directory consolidation | 24 | I140 | DEV:1 INFRA:1 |
        I230 | Role catalogue for ERP | 12 | I130, I140 | BA:1 SEC:0.5 |
        I240 | Platform installed | 10 | I210, I220 SS+10 | INFRA:1 DEV:1 |
        I300 | Connect | = | | |
        I310 | HR system connected | 12 | I240 | DEV:2 |
        I320 | Single sign-on for office tools | 10 | I240 | DEV:1 INFRA:0.5 |
        I330 | Single sign-on for ERP | 12 | I320, ERP-FIN/E210 | DEV:2 |
        I340 | Leaver automation | 10 | I310 | DEV:1 |
        I400 | Prove and hand over | = | | |
        I410 | Access review campaign | 10 | I340 | SEC:0.5 BA:1 |
        I420 | Single sign-on accepted | 0 | I330, I320 | |
        I425 | Recovery site of the identity platform | 12 | I330 | INFRA:1 | 90
        I430 | Penetration test | 8 | I330 | SEC:1 | 45
        I440 | Recovery test of identity | 5 | I430 | INFRA:1 SEC:0.5 |
        I450 | Single identity in service | 0 | I410, I425, I440 | |
        I900 | Project management IAM | 120 | I110 SS | PM:0.3 |
    """,
    "BPR-P2P": """
        B100 | Understand | = | | |
        B110 | Process mining of purchase-to-pay | 12 | | BA:2 |
        B120 | Interviews with buyers and approvers | 8 | B110 SS+3 | BA:1 CHANGE:0.5 |
        B130 | Baseline of invoice cycle time | 5 | B110 | BA:1 |
        B140 | Findings presented | 0 | B120, B130 | |
        B200 | Redesign | = | | |
        B210 | Approval limits and delegation | 8 | B140 | BA:1 |
        B220 | Target process: catalogue to order | 12 | B140 | BA:2 |
        B230 | Target process: invoice to payment | 12 | B220 SS+5, B210 | BA:2 |
        B240 | Controls reviewed by audit | 7 | B230 | BA:0.5 |
        B250 | Target process approved | 0 | B240, B220 | |
        B300 | Introduce | = | | |
        B310 | Supplier catalogue cleaned | 18 | B250 | BA:1 |
        B320 | Invoice scanning set up | 14 | B250 | DEV:1 | 70
        B330 | Pilot with two departments | 15 | B310, B320 | BA:1 CHANGE:1 |
        B340 | Policy and handbook | 8 | B250 | CHANGE:0.5 |
        B350 | Roll-out to all departments | 20 | B330, B340, ERP-FIN/E470 | BA:1 CHANGE:1 |
        B360 | Old process closed | 0 | B350 | |
        B900 | Project management BPR-P2P | 140 | B110 SS | PM:0.3 |
    """,
    "TRAIN": """
        T100 | Prepare | = | | |
        T110 | Who needs which skill | 10 | | CHANGE:1 BA:0.5 |
        T120 | Training concept | 8 | T110 | CHANGE:1 |
        T130 | Concept accepted | 0 | T120 | |
        T200 | Produce | = | | |
        T210 | Learning platform | 12 | T130 | DEV:0.5 | 55
        T220 | Course material: finance basics | 15 | T130, ERP-FIN/E150 | CHANGE:1 BA:0.5 |
        T230 | Course material: ERP ledger | 18 | T220, ERP-FIN/E220 | CHANGE:1 BA:0.5 |
        T240 | Course material: purchase-to-pay | 14 | T130, BPR-P2P/B250 | CHANGE:1 |
        T250 | Material reviewed | 6 | T230, T240 | CHANGE:0.5 BA:0.5 |
        T300 | Multiply | = | | |
        T310 | Trainers chosen | 5 | T130 | CHANGE:0.5 |
        T320 | Train the trainers | 8 | T250, T310, T210 | CHANGE:2 |
        T400 | Train | = | | |
        T410 | Courses for finance users | 15 | T320, ERP-FIN/E420 | CHANGE:2 | 40
        T420 | Courses for requesters | 12 | T410 SS+5 | CHANGE:1 |
        T430 | Users certified | 0 | T410, T420 | |
        T440 | Floor-walking after go-live | 10 | ERP-FIN/E470 | CHANGE:2 |
        T450 | Training handed to operations | 0 | T440 | |
        T900 | Project management TRAIN | 130 | T110 SS | PM:0.2 |
    """,
}

# How the work really went: activity -> working days taken instead of planned, where it differed. Everything else
# took a little more or less by the seeded chance of the generator.
SLIPPED: dict[str, float] = {
    "ERP-FIN/E110": 1.15,
    "ERP-FIN/E205": 2.4,
    "ERP-FIN/E220": 1.35,
    "DC-MIG/D110": 1.25,
    "TRAIN/T110": 1.3,
    "IAM/I220": 0.85,
}

RISKS: tuple[tuple[str, str, str, str, str, str, int, int, int, float, str, str], ...] = (
    # code, project, title, cause, event, effect, probability, impact, exposure k EUR, days, response, state
    ("RSK-01", "ERP-FIN", "Vendor sandbox arrives late", "The vendor moves its hosting", "The sandbox is delivered weeks late", "Configuration starts late and the go-live moves", 4, 4, 60, 12, "reduce", "mitigating"),
    ("RSK-02", "DC-MIG", "Storage arrays out of stock", "Long lead times for controllers", "Delivery takes ten weeks instead of six", "Wave 1 waits, the lease must be extended", 3, 4, 55, 20, "transfer", "open"),
    ("RSK-03", "DC-MIG", "Lease penalty", "The exit slips past the lease", "The landlord charges a quarter's rent", "A cost of 400k EUR", 2, 5, 80, 0, "avoid", "open"),
    ("RSK-04", "ERP-FIN", "Data quality of suppliers", "Duplicate suppliers in three systems", "The second rehearsal fails", "Another rehearsal of two weeks", 3, 3, 20, 10, "reduce", "mitigating"),
    ("RSK-05", "IAM", "Licence audit", "Test users were never removed", "The vendor claims more licences", "Unplanned licences", 3, 4, 45, 0, "reduce", "open"),
    ("RSK-06", "BPR-P2P", "Departments keep their own forms", "Approvers see no gain", "The pilot is not representative", "Benefits come a year later", 3, 3, 25, 5, "reduce", "open"),
    ("RSK-07", "TRAIN", "Trainers leave after certification", "The labour market", "Two of six trainers resign", "Courses are thinned out", 2, 3, 10, 8, "accept", "open"),
    ("RSK-08", "", "Key people in two projects at once", "One architect for ERP and data centre", "Design reviews queue up", "Each review waits a week", 4, 3, 20, 10, "reduce", "mitigating"),
    ("RSK-09", "ERP-FIN", "Payroll interface changes by law", "New reporting law", "The interface is rebuilt", "Integration test repeats", 2, 4, 25, 9, "accept", "open"),
    ("RSK-10", "IAM", "Directory holds unknown accounts", "Mergers left orphans", "Consolidation takes longer", "Single sign-on moves", 2, 2, 30, 6, "reduce", "closed"),
)  # fmt: skip

DELIVERABLES: tuple[tuple[str, str, str, str, int], ...] = (
    # code, project, name, due with activity, requirements
    ("DEL-01", "ERP-FIN", "ERP blueprint", "E150", 9),
    ("DEL-02", "BPR-P2P", "Target purchase-to-pay process", "B250", 8),
    ("DEL-03", "IAM", "Identity model and role catalogue", "I140", 6),
    ("DEL-04", "DC-MIG", "Landing zone design", "D140", 7),
    ("DEL-05", "TRAIN", "Training concept", "T130", 4),
    ("DEL-06", "ERP-FIN", "Configured ledger", "E220", 6),
    ("DEL-07", "DC-MIG", "Landing zone", "D260", 5),
)

OBJECTIVES: tuple[tuple[str, str, str, str, float, float, tuple[float, ...]], ...] = (
    # code, name, measure, unit, from, to, monthly readings so far as a share of the way
    ("BEN-1", "Faster month end", "Working days to close the month", "days", 11, 5, (0.05, 0.1, 0.2)),
    ("BEN-2", "Touchless invoices", "Invoices paid without manual work", "%", 22, 90, (0.1, 0.2, 0.3)),
    ("BEN-3", "Quick leavers", "Hours until a leaver has no access", "hours", 72, 1, (0.2, 0.4, 0.55)),
    ("BEN-4", "Cheaper hosting", "Hosting cost a month", "kEUR", 310, 190, (0.0, 0.0, 0.02)),
)
