package internaltopic

import (
	"errors"
	"fmt"
)

// scene is what one look shows of a topic that is to lose partitions, and of its copy.
type scene struct {
	topic *Topic
	copy  *rebuildCopy
	want  int
}

// move is the next thing to do in a scene.
type move string

const (
	moveNone       move = "none"       // Done.
	moveGrow       move = "grow"       // Nothing is to be taken away: finish in place.
	moveCopy       move = "copy"       // The topic alone counts: make a copy, or delete it if the copy is good.
	moveDropCopy   move = "drop copy"  // The topic alone counts, and need not lose partitions.
	moveCreate     move = "create"     // The topic is gone and the copy complete: create it.
	moveFill       move = "fill"       // The topic is the one we created: fill it from the copy.
	moveDropIntrud move = "drop empty" // Someone created the topic meanwhile: delete it if it is empty.
)

var errContentGone = errors.New("the topic is gone, and there is no complete copy of it")

// next decides, purely. Ids tell the original from a topic that was created since, and the lock tells one of our
// making from one that a worker made.
func (s scene) next() (move, error) {
	complete := s.copy != nil && s.copy.mark != nil
	switch {
	case s.topic == nil && complete:
		return moveCreate, nil
	case s.topic == nil:
		return "", errContentGone
	case s.copy == nil && s.topic.Partitions() == s.want && !s.topic.Locked():
		return moveNone, nil
	case s.copy == nil && s.topic.Partitions() <= s.want:
		return moveGrow, nil // also when we died between the deletion of the copy and the unlock
	case !complete || s.copy.mark.Source == s.topic.ID.String():
		if s.topic.Partitions() <= s.want {
			return moveDropCopy, nil // what is wanted has changed since
		}
		return moveCopy, nil
	case s.topic.Locked():
		return moveFill, nil
	}
	return moveDropIntrud, nil
}

// intruded says that both topics hold something, which only a person can resolve.
func intruded(topic string, keys int) error {
	return fmt.Errorf("while topic %[1]q was being rebuilt and did not exist, someone created it and wrote to it; %[2]q holds the %[3]d keys from before. Both are kept: delete %[2]q to go on with what was written since, or %[1]q to have the former content back, and apply again",
		topic, topic+RebuildSuffix, keys)
}
