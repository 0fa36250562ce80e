package main

import (
	"slices"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
)

// manyConnectors is how many the state names of which PlanOne plans one.
const manyConnectors = 5000

// fewConnectors is how many of these exist.
const fewConnectors = 10

// size is a number of connectors, and how often the whole work is done on so many.
type size struct{ n, cycles int }

// selection is what is to be measured.
type selection struct {
	sizes      []size
	latencies  []time.Duration
	operations []result.Operation // Create and Destroy are always among what is done
	plans      int                // how often each plan is repeated
	changeMost int                // the most connectors of which all are changed
	peer       bool
}

// step is one measurement to be made. Those of one cycle begin with empty folders and an empty worker.
type step struct {
	cycle     int
	subject   result.Subject
	operation result.Operation
	n         int
	latency   time.Duration
}

// steps lists the measurements in their order. What is to be compared lies close together: machines have moods. Only one
// subject at a time has connectors on the worker, so that lists are of N.
func (s selection) steps() (list []step) {
	cycle := 0
	add := func(latency time.Duration, subjects []result.Subject, n int, operations ...result.Operation) {
		for _, op := range operations {
			for _, subject := range subjects {
				list = append(list, step{cycle, subject, op, n, latency})
			}
		}
	}
	terraform := [][]result.Subject{{result.Provider, result.Floor}}
	if s.peer {
		terraform = append(terraform, []result.Subject{result.Peer})
	}
	for _, latency := range s.latencies {
		for _, size := range s.sizes {
			for range size.cycles {
				cycle++
				add(latency, []result.Subject{result.Worker}, size.n, s.writes(size.n)...)
				for _, subjects := range terraform {
					cycle++
					add(latency, subjects, size.n, s.all(size.n)...)
				}
			}
		}
	}
	if slices.Contains(s.operations, result.PlanOne) {
		for _, subjects := range terraform {
			cycle++
			subjects = subjects[:1] // Terraform itself takes most of a minute here, whoever the provider is
			add(0, subjects, fewConnectors, result.Create)
			add(0, subjects, manyConnectors, result.PlanOne)
			add(0, subjects, fewConnectors, result.Destroy)
		}
	}
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
