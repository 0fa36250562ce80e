package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Attach returns the stack that another process started with this [Options.StateFile]. Workers that are added to it end
// with this process. The other processes run until [Stack.Down].
func Attach(stateFile string) (*Stack, error) {
	text, err := os.ReadFile(stateFile)
	if err != nil {
		return nil, fmt.Errorf("attach to a stack: %w", err)
	}
	var s Stack
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("attach to the stack of %s: %w", stateFile, err)
	}
	s.Options.StateFile = stateFile
	s.Options.Log = io.Discard
	if s.ZooKeeper != nil {
		s.ZooKeeper.ready, s.ZooKeeper.started = s.ZooKeeper.ping, s.save
	}
	for _, b := range s.Brokers {
		s.prepareBroker(b)
		b.started = s.save
	}
	for _, w := range s.Workers {
		if err := s.connect(w, s.Options.RESTUser); err != nil {
			return nil, err
		}
		w.started = s.save
	}
	return &s, nil
}

// save writes the description of the stack. It is called after each start of a process, so that a partly started stack can
// be taken down too.
func (s *Stack) save() error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("describe the stack: %w", err)
	}
	partial := s.Options.StateFile + ".partial"
	if err := os.WriteFile(partial, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("describe the stack: %w", err)
	}
	return os.Rename(partial, s.Options.StateFile)
}

// refuseSecond returns an error if the file describes a running stack.
func refuseSecond(stateFile string) error {
	if stateFile == "" {
		return nil
	}
	s, err := Attach(stateFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, p := range s.Processes() {
		if p.Running() {
			return fmt.Errorf("the stack of %s is already up", stateFile)
		}
	}
	return nil
}
