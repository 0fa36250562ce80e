package report

import (
	"errors"
	"os"
	"path"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
)

// What UpdateReadme writes lies between these two lines.
const (
	readmeBegin = "<!-- Begin of what `make bench` writes. -->\n"
	readmeEnd   = "<!-- End of what `make bench` writes. -->\n"
)

// UpdateReadme shows a run in the project's own README: the promises, one plot and how they came about. The folder of the
// results is given as a link from there.
func UpdateReadme(file, folder string, r result.Run) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), readmeBegin)
	_, after, ends := strings.Cut(rest, readmeEnd)
	if !begins || !ends {
		return errors.New(file + " has no place for results")
	}
	section := "\n" + Bounds(r) + "\n"
	if figures := plots(r); len(figures) > 0 {
		section += "![" + figures[0].alt + "](" + path.Join(folder, figures[0].file) + ")\n\n"
	}
	section += origin(r) + "More numbers are in [" + folder + "](" + path.Join(folder, tableFile) + ").\n\n"
	return os.WriteFile(file, []byte(before+readmeBegin+section+readmeEnd+after), 0o644)
}
