package internaltopic

// Check is a check before a change of a topic that a user can skip, because only the user can know better.
type Check string

// CheckGroup is the check that the declared group is the group of the workers that use the topic.
const CheckGroup Check = "group"
