"""The message spine: store, receive, dispatch, settle doubt, replay (``docs/messages.md``)."""
