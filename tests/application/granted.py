"""Every right to change something that a database role holds, read from the catalogue."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import psycopg

_TABLES = """
SELECT g.rolname, p.privilege_type || ' ' || t.relname
  FROM pg_class t CROSS JOIN LATERAL aclexplode(t.relacl) p JOIN pg_roles g ON g.oid = p.grantee
 WHERE t.relnamespace = 'gateway'::regnamespace AND t.relkind <> 'S' AND p.grantee <> t.relowner
   AND p.privilege_type <> 'SELECT'
 UNION ALL
SELECT g.rolname, p.privilege_type || ' ' || t.relname || '.' || a.attname
  FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid CROSS JOIN LATERAL aclexplode(a.attacl) p
  JOIN pg_roles g ON g.oid = p.grantee
 WHERE t.relnamespace = 'gateway'::regnamespace AND p.privilege_type <> 'SELECT'
 UNION ALL
SELECT 'PUBLIC', p.privilege_type || ' ' || t.relname
  FROM pg_class t CROSS JOIN LATERAL aclexplode(t.relacl) p
 WHERE t.relnamespace = 'gateway'::regnamespace AND p.grantee = 0"""
# What only reads, and what runs as a trigger alone, changes nothing by being called; gateway.refuse raises and no more.
_FUNCTIONS = """
SELECT CASE WHEN p.grantee = 0 THEN 'PUBLIC' ELSE p.grantee::regrole::text END, 'EXECUTE ' || f.proname
  FROM pg_proc f CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) p
 WHERE f.pronamespace = 'gateway'::regnamespace AND p.grantee <> f.proowner AND f.prorettype <> 'trigger'::regtype
   AND (f.provolatile = 'v' OR f.prosecdef AND p.grantee = 0) AND f.proname <> 'refuse'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = f.oid AND d.deptype = 'e')"""


def granted(conn: psycopg.Connection[Any]) -> dict[str, set[str]]:
    """Role (or ``PUBLIC``) -> ``INSERT table``, ``UPDATE table.column``, ``EXECUTE function``; the owner's left out.

    Also functions that run with the owner's rights and that everybody may call, whatever they do.
    """
    held: dict[str, set[str]] = defaultdict(set)
    for query in (_TABLES, _FUNCTIONS):
        for role, right in conn.execute(query.encode()).fetchall():
            held[str(role)].add(str(right))
    return dict(held)
