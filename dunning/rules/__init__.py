"""The pure room: facts, a policy and a day go in, decisions come out. No Flask, no database, no clock."""
