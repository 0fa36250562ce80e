package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/raw"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/result"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/terraform"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/bench/internal/work"
)

// Revisions of the connectors' configuration.
const (
	firstRevision  = 1000
	secondRevision = 2000
)

// runner runs operations for one subject.
type runner interface {
	// run runs an operation on n connectors.
	run(ctx context.Context, op result.Operation, n int) (terraform.Cost, error)
}

// rawRunner sends plain HTTP requests. It has no plans.
type rawRunner struct {
	client *raw.Client
}

func (r rawRunner) run(ctx context.Context, op result.Operation, n int) (terraform.Cost, error) {
	began := time.Now()
	var err error
	switch op {
	case result.Create:
		err = r.client.Create(ctx, n, firstRevision)
	case result.Change:
		err = r.client.Change(ctx, n, secondRevision)
	case result.Destroy:
		err = r.client.Delete(ctx, n)
	default:
		err = fmt.Errorf("plain requests cannot run %q", op)
	}
	return terraform.Cost{Wall: time.Since(began)}, err
}

// terraformRunner runs Terraform with one provider.
type terraformRunner struct {
	workspace *terraform.Workspace
	url       string // of the worker
	variables work.Variables
}

func (r *terraformRunner) run(ctx context.Context, op result.Operation, n int) (terraform.Cost, error) {
	if op == result.PlanOne {
		return r.planOne(ctx, n)
	}
	switch op {
	case result.Create:
		r.variables = work.Variables{URL: r.url, N: n, Revision: firstRevision}
	case result.PlanSome, result.ApplySome:
		r.variables.Ahead = min(result.Some, n)
	case result.Change:
		r.variables.Revision, r.variables.Ahead = secondRevision, 0
	}
	if err := r.workspace.Set(r.variables); err != nil {
		return terraform.Cost{}, err
	}
	switch op {
	case result.Plan:
		return r.workspace.PlanNothing(ctx)
	case result.PlanSome:
		return r.workspace.PlanSome(ctx)
	case result.Destroy:
		return r.workspace.Destroy(ctx)
	default:
		return r.workspace.Apply(ctx)
	}
}

// planOne plans the first of n connectors. The others are in the state only, so a plan that reads them fails.
func (r *terraformRunner) planOne(ctx context.Context, n int) (cost terraform.Cost, err error) {
	first, restore, err := r.workspace.Multiply(n)
	if err != nil {
		return cost, err
	}
	variables := r.variables
	variables.N = n
	if err := r.workspace.Set(variables); err != nil {
		return cost, err
	}
	cost, err = r.workspace.PlanNothing(ctx, first)
	if err != nil {
		return cost, err
	}
	return cost, restore()
}
