package main

import (
	"slices"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
)

// fewConnectors is how many connectors there are when the state names many.
const fewConnectors = 10

// size is a number of connectors, and how often the whole work is done on so many.
type size struct{ n, cycles int }

// selection is what is to be measured.
type selection struct {
	sizes      []size
	latencies  []int              // milliseconds
	operations []result.Operation // Create and Destroy are always among what is done
	plans      int                // how often each plan is repeated
	changeMost int                // the most connectors of which all are changed
	exactly    []size             // on a worker with exactly-once support, where only writes are measured
	many       int                // how many connectors the state names of which PlanOne plans one
	peer       bool
}

// step is one measurement to be made. Those of one cycle begin with empty folders and an empty worker.
type step struct {
	cycle     int
	subject   result.Subject
	operation result.Operation
	n         int
	setting   result.Setting
}

// steps lists the measurements in their order. What is to be compared lies close together: machines have moods. Only one
// subject at a time has connectors on the worker, so that lists are of N.
func (s selection) steps() (list []step) {
	cycle := 0
	add := func(setting result.Setting, subjects []result.Subject, n int, operations ...result.Operation) {
		for _, op := range operations {
			for _, subject := range subjects {
				list = append(list, step{cycle, subject, op, n, setting})
			}
		}
	}
	terraform := [][]result.Subject{{result.Provider, result.Floor}}
	if s.peer {
		terraform = append(terraform, []result.Subject{result.Peer})
	}
	cycles := func(setting result.Setting, sizes []size, operations func(n int) []result.Operation) {
		for _, size := range sizes {
			for range size.cycles {
				cycle++
				add(setting, []result.Subject{result.Worker}, size.n, s.writes(size.n)...)
				for _, subjects := range terraform {
					cycle++
					add(setting, subjects, size.n, operations(size.n)...)
				}
			}
		}
	}
	for _, latency := range s.latencies {
		cycles(result.Setting{LatencyMS: latency}, s.sizes, s.all)
	}
	if slices.Contains(s.operations, result.PlanOne) {
		for _, subjects := range terraform {
			cycle++
			subjects = subjects[:1] // Terraform itself takes most of a minute here, whoever the provider is
			add(result.Setting{}, subjects, fewConnectors, result.Create)
			add(result.Setting{}, subjects, s.many, result.PlanOne)
			add(result.Setting{}, subjects, fewConnectors, result.Destroy)
		}
	}
	cycles(result.Setting{ExactlyOnce: true}, s.exactly, s.writes)
	return list
}

// writes are the operations that change what the worker holds.
func (s selection) writes(n int) []result.Operation {
	list := []result.Operation{result.Create}
	if n <= s.changeMost && slices.Contains(s.operations, result.Change) {
		list = append(list, result.Change)
	}
	return append(list, result.Destroy)
}

// all are the operations of one cycle, plans as often as they are repeated.
func (s selection) all(n int) []result.Operation {
	list := []result.Operation{result.Create}
	for _, op := range []result.Operation{result.Plan, result.PlanSome, result.ApplySome} {
		if !slices.Contains(s.operations, op) {
			continue
		}
		times := 1
		if op != result.ApplySome {
			times = s.plans
		}
		list = append(list, slices.Repeat([]result.Operation{op}, times)...)
	}
	return append(list, s.writes(n)[1:]...)
}
