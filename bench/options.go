package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// options are the parsed command line.
type options struct {
	sizes   []int // numbers of running connectors
	rounds  int   // how often each size up to manyConnectors is measured, and the plan of stopped connectors
	stopped int   // number of stopped connectors for a plan; 0 for no such plan

	peer      string // executable of another provider or an older build of this one; may be empty
	peerTF    string // configuration for it; by default the one for this provider
	terraform string // Terraform or OpenTofu executable
	results   string // folder for the results
	readme    string // Markdown file that gets a summary; may be empty
	render    string // results.json to write again instead of measuring
	command   string // make command with these options
}

// manyConnectors is the largest number of connectors that is measured several times. More of them take minutes.
const manyConnectors = 100

// roundsOf returns how often a number of running connectors is measured.
func (o options) roundsOf(n int) int {
	if n > manyConnectors {
		return 1
	}
	return o.rounds
}

// unpublished is the folder for results that are not committed.
var unpublished = filepath.Join("bin", "bench-results")

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	sizes := flags.String("sizes", "10,100,500", "`numbers` of running connectors")
	flags.IntVar(&o.rounds, "rounds", 3, fmt.Sprintf("how `often` to measure everything, but for more than %d running connectors, which are measured once and without a peer", manyConnectors))
	flags.IntVar(&o.stopped, "stopped", 1000, "`number` of stopped connectors for a plan; 0 for no such plan")
	flags.StringVar(&o.peer, "peer", "", "`executable` to compare with: an older build of this provider, or another provider")
	flags.StringVar(&o.peerTF, "peer-tf", "", "Terraform `file` for another provider, such as bench/peers/mongey.tf; its variables are those of bench/internal/work/variables.tf")
	flags.StringVar(&o.terraform, "terraform", "terraform", "Terraform or OpenTofu `executable`")
	flags.StringVar(&o.results, "results", unpublished, "`folder` for the results")
	flags.StringVar(&o.readme, "readme", "", "Markdown `file` that gets a summary of a complete run")
	flags.StringVar(&o.render, "render", "", "write the tables and the plot of this results.json again, without measuring")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.command = command(flags)
	for part := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 {
			return o, fmt.Errorf("-sizes: %q is not a number of connectors of at least 1", part)
		}
		o.sizes = append(o.sizes, n)
	}
	switch {
	case o.rounds < 1 || o.stopped < 0:
		return o, errors.New("-rounds must be at least 1, and -stopped at least 0")
	case o.peerTF != "" && o.peer == "":
		return o, errors.New("-peer-tf requires -peer")
	}
	return o, nil
}

// command returns the make command with the same flags, without paths of this machine.
func command(flags *flag.FlagSet) string {
	words := []string{"make", "bench"}
	flags.Visit(func(f *flag.Flag) {
		value := f.Value.String()
		switch f.Name {
		case "results", "readme", "render":
			return
		case "peer", "peer-tf", "terraform":
			value = filepath.Base(value)
		}
		words = append(words, strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))+"="+strings.ReplaceAll(value, " ", ""))
	})
	return strings.Join(words, " ")
}
