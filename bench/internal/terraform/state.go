package terraform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
)

// state is a state file, decoded as far as Multiply changes it.
type state struct {
	Version   int             `json:"version"`
	Terraform string          `json:"terraform_version"`
	Serial    int             `json:"serial"`
	Lineage   string          `json:"lineage"`
	Outputs   json.RawMessage `json:"outputs"`
	Resources []resource      `json:"resources"`
	Checks    json.RawMessage `json:"check_results"`
}

type resource struct {
	Mode      string            `json:"mode"`
	Type      string            `json:"type"`
	Name      string            `json:"name"`
	Provider  string            `json:"provider"`
	Instances []json.RawMessage `json:"instances"`
}

// Multiply replaces the connectors in the state by n copies of the first, with names of their own.
func (w *Workspace) Multiply(n int) error {
	file := filepath.Join(w.dir, stateFile)
	before, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var s state
	if err := json.Unmarshal(before, &s); err != nil {
		return fmt.Errorf("read the state: %w", err)
	}
	if len(s.Resources) != 1 || len(s.Resources[0].Instances) == 0 {
		return errors.New("the state must have exactly one resource, with count")
	}
	r := &s.Resources[0]
	if r.Instances, err = copies(r.Instances[0], n); err != nil {
		return err
	}
	after, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(file, after, 0o600)
}

// copies returns n copies of the instance with index 0.
func copies(instance json.RawMessage, n int) ([]json.RawMessage, error) {
	var list []json.RawMessage
	for i := range n {
		text := bytes.ReplaceAll(instance, []byte(work.Name(0)), []byte(work.Name(i)))
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil {
			return nil, err
		}
		fields["index_key"] = json.RawMessage(fmt.Sprint(i))
		text, err := json.Marshal(fields)
		if err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, nil
}
