// Package report writes a run as raw numbers, tables and a plot.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
)

// Names of the files.
const (
	rawFile   = "results.json"
	tableFile = "README.md" // shown by repository browsers below the file list
	plotFile  = "times.svg"
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
	return errors.Join(
		os.WriteFile(filepath.Join(folder, rawFile), append(text, '\n'), 0o644),
		os.WriteFile(filepath.Join(folder, tableFile), []byte(Markdown(r)), 0o644),
		writePlot(filepath.Join(folder, plotFile), r),
	)
}

// UpdateReadme writes between these two lines.
const (
	readmeBegin = "<!-- Begin: written by `make bench`. -->\n"
	readmeEnd   = "<!-- End: written by `make bench`. -->\n"
)

// UpdateReadme writes a summary of a run into the project's README: the times, and a link to the rest. The folder of the results
// is a link target relative to the README.
func UpdateReadme(file, folder string, r result.Run) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), readmeBegin)
	_, after, ends := strings.Cut(rest, readmeEnd)
	if !begins || !ends {
		return errors.New(file + " lacks the lines between which results are written")
	}
	section := "\n" + summary(r) + "\n[More numbers](" + path.Join(folder, tableFile) + "), measured by `make bench`.\n\n"
	return os.WriteFile(file, []byte(before+readmeBegin+section+readmeEnd+after), 0o644)
}
