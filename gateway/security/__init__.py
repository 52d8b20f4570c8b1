"""Sign and verify: XML-DSig, WS-Security, detached CMS, compact JWS, the partners' recipes; and whom to trust."""
