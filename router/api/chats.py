"""/v1/chats: the chats that the app keeps, in the shapes of the original router."""
