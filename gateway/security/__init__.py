"""Sign and verify: XML-DSig and WS-Security, detached CMS, compact JWS, the partners' own recipes, and whom to trust."""
