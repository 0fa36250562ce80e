package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// tell starts Kafka and tells the chapters.
func (d *show) tell(ctx context.Context) error {
	fmt.Fprintf(d.out, "Terraform applies examples/demo/main.tf to a Kafka broker with TLS and passwords, on this machine.\n"+
		"Its output goes to %s. The first run downloads Kafka.\n", logFile)
	if err := command(ctx, d.log, "go", "build", "-o", d.path("bin")+"/", ".").Run(); err != nil {
		return fmt.Errorf("unable to build the provider: %w, see %s", err, logFile)
	}
	if err := d.up(ctx); err != nil {
		return err
	}
	if err := copyExample("examples/demo", d.path(workspace)); err != nil {
		return err
	}
	variables := d.variables()
	for _, chapter := range []func(context.Context, map[string]any) error{d.linesArrive, d.failureIsShown, d.partitionsChange} {
		if err := chapter(ctx, variables); err != nil {
			return err
		}
	}
	d.chapter("The next plan is empty: everything is as declared.")
	return d.terraform(ctx, "plan", "-detailed-exitcode", "-input=false")
}

// linesArrive creates the pipeline.
func (d *show) linesArrive(ctx context.Context, variables map[string]any) error {
	d.chapter("1. One apply leads from bare Kafka to a pipeline")
	d.say("It creates the three internal topics and the file of a worker, starts the worker, and creates two",
		"connectors. Lines of source.txt become records of a topic, and then lines of sink.txt:")
	if err := appendLines(d.source(), firstLines); err != nil {
		return err
	}
	if err := d.apply(ctx, variables); err != nil {
		return err
	}
	return d.followLines(ctx, firstLines, 0)
}

// failureIsShown breaks the sink and repairs it.
func (d *show) failureIsShown(ctx context.Context, variables map[string]any) error {
	d.chapter("2. An apply succeeds only if the connectors work")
	d.say("The sink gets a file in a folder that does not exist. The worker accepts this configuration, but the",
		"task of the sink fails. So the apply fails too, and shows the cause:")
	good := variables["sink_file"]
	variables["sink_file"] = d.path("missing/sink.txt")
	said, err := d.mustFail(ctx, variables)
	if err != nil {
		return err
	}
	d.quote(said...)
	d.say("With the first file again, the next apply repairs the sink. Lines that were written since then arrive:")
	variables["sink_file"] = good
	if err := appendLines(d.source(), secondLines); err != nil {
		return err
	}
	if err := d.apply(ctx, variables); err != nil {
		return err
	}
	return d.followLines(ctx, slices.Concat(firstLines, secondLines), len(firstLines))
}

// partitionsChange changes the partitions of the offset topic.
func (d *show) partitionsChange(ctx context.Context, variables map[string]any) error {
	d.chapter("3. Internal topics change their partitions without loss")
	d.say("If partitions are only added, the next offset of a source goes to another partition than the previous",
		"one. A worker that restarts may take the previous one and copy lines twice. The provider moves every",
		"offset to its new partition. One apply stops the worker, changes the topic and starts the worker:")
	before, err := d.topicAndOffset(ctx)
	if err != nil {
		return err
	}
	variables["offset_partitions"] = 25
	if err := d.apply(ctx, variables); err != nil {
		return err
	}
	after, err := d.topicAndOffset(ctx)
	if err != nil {
		return err
	}
	d.quote("before: "+before, "after:  "+after)
	d.say("New lines arrive, and no line arrives twice:")
	if err := appendLines(d.source(), thirdLines); err != nil {
		return err
	}
	return d.followLines(ctx, slices.Concat(firstLines, secondLines, thirdLines), len(firstLines)+len(secondLines))
}

// chapter prints a heading with the time since the start.
func (d *show) chapter(heading string) {
	fmt.Fprintf(d.out, "\n[%3.0f s] %s\n", time.Since(d.start).Seconds(), heading)
}

func (d *show) say(lines ...string) {
	for _, line := range lines {
		fmt.Fprintln(d.out, "       ", line)
	}
}

func (d *show) quote(lines ...string) {
	for _, line := range lines {
		fmt.Fprintln(d.out, "          |", line)
	}
}
