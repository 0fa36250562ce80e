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

// options is the command line.
type options struct {
	selection

	providerBin string // executable of another provider, or of another build of this one; empty for none
	peerTF      string // its configuration; empty for that of this provider
	terraform   string // the CLI
	results     string // folder for the results
	readme      string // Markdown file that shows the results as well; empty for none
	render      string // results to write anew, instead of measuring
	command     string // make's command that amounts to these options
}

// unpublished is the folder for results that are not for others to see.
var unpublished = filepath.Join("bin", "bench-results")

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	sizes := flags.String("sizes", "10,100,200,500,1000", "`numbers` of connectors; 200x3 does all the work on 200 three times")
	latencies := flags.String("latencies", "0,50", "`milliseconds` that are added to each request")
	exactly := flags.String("exactly-once", "200", "the same as -sizes, for what is written to a worker with exactly-once support; empty for none")
	operations := flags.String("operations", "all", "`names` of what is measured beside create and destroy: "+operationNames())
	flags.IntVar(&o.plans, "plans", 3, "how `often` each plan is measured")
	flags.IntVar(&o.changeMost, "change-most", 200, "the largest `number` of connectors of which all are changed")
	flags.IntVar(&o.many, "many", 5000, "the `number` of connectors in the state when one is planned; Terraform alone takes a minute for 5000")
	flags.StringVar(&o.providerBin, "provider-bin", "", "`executable` of another provider to measure as well")
	flags.StringVar(&o.peerTF, "peer-tf", "", "Terraform `file` by which that provider does the work; with the variables of bench/internal/work/main.tf")
	flags.StringVar(&o.terraform, "terraform", "terraform", "Terraform or OpenTofu `executable`")
	flags.StringVar(&o.results, "results", unpublished, "`folder` for the results")
	flags.StringVar(&o.readme, "readme", "", "Markdown `file` in which to show the results of a whole run")
	flags.StringVar(&o.render, "render", "", "write the tables and plots of this results.json anew, without measuring")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.command, o.peer = command(flags), o.providerBin != ""
	if o.peerTF != "" && o.providerBin == "" {
		err = errors.New("-peer-tf without -provider-bin")
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

// command is how one would have make do what the flags say. It tells nothing of where things are on this machine.
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

// list parses what commas separate.
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

func parseSize(text string) (s size, err error) {
	n, cycles, repeated := strings.Cut(text, "x")
	s = size{cycles: 1}
	s.n, err = strconv.Atoi(n)
	if err == nil && repeated {
		s.cycles, err = strconv.Atoi(cycles)
	}
	if err != nil || s.n < 1 || s.cycles < 1 {
		return s, fmt.Errorf("%q is not a number of connectors such as 200, or 200x3", text)
	}
	return s, nil
}

func parseLatency(text string) (ms int, err error) {
	ms, err = strconv.Atoi(text)
	if err != nil || ms < 0 {
		return 0, fmt.Errorf("%q is not a number of milliseconds", text)
	}
	return ms, nil
}

func parseOperations(text string) ([]result.Operation, error) {
	if text == "all" {
		return result.Operations, nil
	}
	return list(text, func(name string) (result.Operation, error) {
		if !slices.Contains(result.Operations, result.Operation(name)) {
			return "", fmt.Errorf("no operation %q; there are: %s", name, operationNames())
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
