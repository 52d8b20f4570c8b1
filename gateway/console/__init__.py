"""Pages and REST for people: server-rendered, mounted into Airflow by ``gateway.airflow.plugin``.

::

    app.py         build_application: routes, pages, the guard at the door
    visit.py       one request: who, in which language, at which desk; how a page answers
    csrf.py        tokens that prove that a form came from our own page
    guard.py       security headers, and no unsafe method from a foreign origin
    faults.py      every error as a page (or a problem+json) with its code and what to do
    i18n.py        catalogues: Vietnamese is the language of the source, English a translation
    formats.py     đồng, dates and times as a person reads them
    rendering.py   templates
    navigation.py  the pages in the order of the menu
    pages_*.py     one module per page: a router, nothing else
    api.py, rest/  the same acts for programs: a router per subject
    periods.py     the months and spans of days that people ask for

Everything shown or done comes from ``gateway.application``; there is no SQL and no rule here.
"""
