// Package report writes a run as raw numbers, tables and plots.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
)

// Names of the files.
const (
	rawFile   = "results.json"
	tableFile = "README.md" // shown by repository browsers below the file list
)

// Load reads the results.json of a run.
func Load(file string) (r result.Run, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// Write writes all files of a run into the folder and overwrites existing ones.
func Write(folder string, r result.Run) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	err = errors.Join(
		os.WriteFile(filepath.Join(folder, rawFile), append(text, '\n'), 0o644),
		os.WriteFile(filepath.Join(folder, tableFile), []byte(Markdown(r)), 0o644),
	)
	for _, f := range plots(r) {
		err = errors.Join(err, f.write(folder))
	}
	return err
}
