package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
)

// options are the parsed command line.
type options struct {
	selection

	providerBin string // executable of another provider or another build of this one; may be empty
	peerTF      string // configuration for it; by default the one for this provider
	terraform   string // Terraform or OpenTofu executable
	results     string // folder for the results
	readme      string // Markdown file that gets a summary; may be empty
	render      string // results.json to write again instead of measuring
	command     string // make command with these options
}

// unpublished is the folder for results that are not committed.
var unpublished = filepath.Join("bin", "bench-results")

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	sizes := flags.String("sizes", "10,100,200,500,1000", "`numbers` of connectors; a number given twice is measured twice")
	latencies := flags.String("latencies", "0,50", "`milliseconds` added to each request")
	exactly := flags.String("exactly-once", "200", "like -sizes, for writes to a worker with exactly-once support; empty for none")
	operations := flags.String("operations", "all", "`names` of the operations to measure besides create and destroy: "+operationNames())
	flags.IntVar(&o.plans, "plans", 3, "how `often` to measure each plan")
	flags.IntVar(&o.changeMost, "change-most", 200, "measure a change of all connectors up to this `number`")
	flags.IntVar(&o.many, "many", 5000, "`number` of connectors in the state for the plan of one; Terraform itself takes a minute for 5000")
	flags.StringVar(&o.providerBin, "provider-bin", "", "`executable` of another provider to measure too")
	flags.StringVar(&o.peerTF, "peer-tf", "", "Terraform `file` for that provider; its variables are those of bench/internal/work/main.tf")
	flags.StringVar(&o.terraform, "terraform", "terraform", "Terraform or OpenTofu `executable`")
	flags.StringVar(&o.results, "results", unpublished, "`folder` for the results")
	flags.StringVar(&o.readme, "readme", "", "Markdown `file` that gets a summary of a complete run")
	flags.StringVar(&o.render, "render", "", "write the tables and plots of this results.json again, without measuring")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.command, o.peer = command(flags), o.providerBin != ""
	if o.peerTF != "" && o.providerBin == "" {
		err = errors.New("-peer-tf requires -provider-bin")
	}
	var sizesErr, exactlyErr, latenciesErr, operationsErr error
	o.sizes, sizesErr = list(*sizes, parseSize)
	if *exactly != "" {
		o.exactly, exactlyErr = list(*exactly, parseSize)
	}
	o.latencies, latenciesErr = list(*latencies, parseLatency)
	o.operations, operationsErr = parseOperations(*operations)
	return o, errors.Join(err, sizesErr, exactlyErr, latenciesErr, operationsErr)
}

// command returns the make command with the same flags, without paths of this machine.
func command(flags *flag.FlagSet) string {
	words := []string{"make", "bench"}
	flags.Visit(func(f *flag.Flag) {
		value := f.Value.String()
		switch f.Name {
		case "results", "readme", "render":
			return
		case "provider-bin", "peer-tf", "terraform":
			value = filepath.Base(value)
		}
		words = append(words, strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))+"="+strings.ReplaceAll(value, " ", ""))
	})
	return strings.Join(words, " ")
}

// list parses comma-separated values.
func list[T any](text string, parse func(string) (T, error)) (values []T, err error) {
	for part := range strings.SplitSeq(text, ",") {
		value, err := parse(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, nil
}

func parseSize(text string) (n int, err error) {
	n, err = strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a number of connectors of at least 1", text)
	}
	return n, nil
}

func parseLatency(text string) (ms int, err error) {
	ms, err = strconv.Atoi(text)
	if err != nil || ms < 0 {
		return 0, fmt.Errorf("%q is not a number of milliseconds of at least 0", text)
	}
	return ms, nil
}

func parseOperations(text string) ([]result.Operation, error) {
	if text == "all" {
		return result.Operations, nil
	}
	return list(text, func(name string) (result.Operation, error) {
		if !slices.Contains(result.Operations, result.Operation(name)) {
			return "", fmt.Errorf("unknown operation %q; the operations are %s", name, operationNames())
		}
		return result.Operation(name), nil
	})
}

func operationNames() string {
	var names []string
	for _, op := range result.Operations {
		names = append(names, string(op))
	}
	return strings.Join(names, ", ")
}
