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

// Revisions of the connectors' configurations.
const (
	firstRevision  = 1000
	secondRevision = 2000
)

// player does the work, from the first connector's creation to the last one's deletion.
type player interface {
	// play does one operation on n connectors.
	play(ctx context.Context, op result.Operation, n int) (terraform.Cost, error)
}

// rawPlayer does it by plain requests. There is nothing that it would plan.
type rawPlayer struct {
	client *raw.Client
}

func (p rawPlayer) play(ctx context.Context, op result.Operation, n int) (terraform.Cost, error) {
	began := time.Now()
	var err error
	switch op {
	case result.Create:
		err = p.client.Create(ctx, n, firstRevision)
	case result.Change:
		err = p.client.Change(ctx, n, secondRevision)
	case result.Destroy:
		err = p.client.Delete(ctx, n)
	default:
		err = fmt.Errorf("no plain requests do: %s", op)
	}
	return terraform.Cost{Wall: time.Since(began)}, err
}

// terraformPlayer does it by Terraform with some provider.
type terraformPlayer struct {
	workspace *terraform.Workspace
	url       string // of the worker
	variables work.Variables
}

func (p *terraformPlayer) play(ctx context.Context, op result.Operation, n int) (terraform.Cost, error) {
	if op == result.PlanOne {
		return p.planOne(ctx, n)
	}
	switch op {
	case result.Create:
		p.variables = work.Variables{URL: p.url, N: n, Revision: firstRevision}
	case result.PlanSome, result.ApplySome:
		p.variables.Ahead = min(result.Some, n)
	case result.Change:
		p.variables.Revision, p.variables.Ahead = secondRevision, 0
	}
	if err := p.workspace.Set(p.variables); err != nil {
		return terraform.Cost{}, err
	}
	switch op {
	case result.Plan:
		return p.workspace.PlanNothing(ctx)
	case result.PlanSome:
		return p.workspace.PlanSome(ctx)
	case result.Destroy:
		return p.workspace.Destroy(ctx)
	default:
		return p.workspace.Apply(ctx)
	}
}

// planOne plans the first of n connectors, which is there, as if the others were too: a plan that asks for them would find
// out that they are not.
func (p *terraformPlayer) planOne(ctx context.Context, n int) (cost terraform.Cost, err error) {
	first, restore, err := p.workspace.Multiply(n)
	if err != nil {
		return cost, err
	}
	variables := p.variables
	variables.N = n
	if err := p.workspace.Set(variables); err != nil {
		return cost, err
	}
	cost, err = p.workspace.PlanNothing(ctx, first)
	if err != nil {
		return cost, err
	}
	return cost, restore()
}
