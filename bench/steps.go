package main

import (
	"slices"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
)

// fewConnectors is how many connectors exist when the state has many.
const fewConnectors = 10

// selection is what to measure.
type selection struct {
	sizes      []int              // numbers of connectors
	latencies  []int              // milliseconds
	operations []result.Operation // Create and Destroy are always measured
	plans      int                // how often each plan is repeated
	changeMost int                // largest number of connectors for Change
	exactly    []int              // sizes on a worker with exactly-once support, for writes only
	many       int                // number of connectors in the state for PlanOne
	peer       bool
}

// step is one measurement. Each cycle starts with empty directories and a worker without connectors.
type step struct {
	cycle     int
	subject   result.Subject
	operation result.Operation
	n         int
	setting   result.Setting
}

// steps lists the measurements in their order. Measurements that are compared are adjacent, because the speed of a machine varies
// over time. Only one subject at a time has connectors on the worker, so that a listing returns exactly N.
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
	cycles := func(setting result.Setting, sizes []int, operations func(n int) []result.Operation) {
		for _, n := range sizes {
			cycle++
			add(setting, []result.Subject{result.Worker}, n, s.writes(n)...)
			for _, subjects := range terraform {
				cycle++
				add(setting, subjects, n, operations(n)...)
			}
		}
	}
	for _, latency := range s.latencies {
		cycles(result.Setting{LatencyMS: latency}, s.sizes, s.all)
	}
	if slices.Contains(s.operations, result.PlanOne) {
		for _, subjects := range terraform {
			cycle++
			subjects = subjects[:1] // not the floor: Terraform itself takes most of the minute
			add(result.Setting{}, subjects, fewConnectors, result.Create)
			add(result.Setting{}, subjects, s.many, result.PlanOne)
			add(result.Setting{}, subjects, fewConnectors, result.Destroy)
		}
	}
	cycles(result.Setting{ExactlyOnce: true}, s.exactly, s.writes)
	return list
}

// writes returns the operations that change connectors.
func (s selection) writes(n int) []result.Operation {
	list := []result.Operation{result.Create}
	if n <= s.changeMost && slices.Contains(s.operations, result.Change) {
		list = append(list, result.Change)
	}
	return append(list, result.Destroy)
}

// all returns the operations of one cycle, with plans repeated.
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
