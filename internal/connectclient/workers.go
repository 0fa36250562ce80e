package connectclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
)

// RevisionHeader is the header in which a worker announces the revision of its properties file. The worker sends it with
// every answer if `response.http.headers.config` in the file sets it.
const RevisionHeader = "X-Kafka-Connect-Config"

// Worker is what the worker at one of [Config.URLs] reports about itself.
type Worker struct {
	URL string
	Cluster
	Revision string // of its properties file; empty if the worker does not announce one

	// Err is the reason why the worker is not ready. It is nil if the worker has joined its group and executes requests.
	Err error

	final bool // Err will not go away by waiting
}

// Answers reports whether the worker has answered. It may still not be ready.
func (w Worker) Answers() bool { return w.Version != "" }

// AskWorkers asks all workers at the same time. Each gets two requests, once, or one if it does not answer the first. It
// waits at most five seconds for each answer.
func (c *Client) AskWorkers(ctx context.Context) []Worker {
	return c.askWorkers(ctx, func(Worker) bool { return true })
}

// AwaitWorkers asks all workers until one of them is ready, no waiting can make one ready, or ctx ends. It returns what the
// workers answered last. The only error is [ErrDifferentClusters].
func (c *Client) AwaitWorkers(ctx context.Context) ([]Worker, error) {
	var list []Worker
	for pause := c.cfg.Retry.Min; ; pause = min(2*pause, c.cfg.Retry.Max) {
		asked := c.AskWorkers(ctx)
		if list == nil || ctx.Err() == nil { // else the end of the wait caused the failures
			list = asked
		}
		ready := slices.ContainsFunc(list, func(w Worker) bool { return w.Err == nil })
		recovers := slices.ContainsFunc(list, func(w Worker) bool { return w.Err != nil && !w.final })
		if ready || !recovers || sleep(ctx, pause) != nil {
			return list, oneKafkaCluster(list)
		}
	}
}

// askWorkers asks all workers. It does not find out whether a worker is ready if the function returns false for it.
func (c *Client) askWorkers(ctx context.Context, checkReady func(Worker) bool) []Worker {
	list := make([]Worker, len(c.workers))
	var group sync.WaitGroup
	for i := range list {
		group.Go(func() {
			var failure *Error
			list[i], failure = c.askWorker(ctx, i)
			if failure == nil && checkReady(list[i]) {
				failure = c.checkReady(ctx, i)
			}
			if failure != nil {
				list[i].Err = failure
				list[i].final = failure.retry == noRetry && failure.Status < http.StatusInternalServerError
			}
		})
	}
	group.Wait()
	return list
}

// askWorker asks one worker for its version and its revision.
func (c *Client) askWorker(ctx context.Context, worker int) (Worker, *Error) {
	// GET /
	w := Worker{URL: c.workers[worker].String()}
	r := c.reader(ctx, worker, "/", &w.Cluster)
	answer, failure := r.once(ctx)
	switch {
	case failure != nil:
		w.Cluster = Cluster{}
	case w.Version == "":
		failure = r.foreign("an answer without a version, which is not from Kafka Connect")
	default:
		w.Revision = answer.resp.Header.Get(RevisionHeader)
	}
	return w, failure
}

// readinessCheck is a connector that does not exist.
const readinessCheck = "kafkaconnect-readiness-check"

// checkReady returns a failure unless the worker has joined its group and no rebalance is pending. The endpoint /health checks
// less, and exists only since 3.9. A worker answers about a single connector after its current rebalance, and with an error
// while it expects another one; it answers about all connectors at any time.
func (c *Client) checkReady(ctx context.Context, worker int) *Error {
	// GET /connectors/{name}
	r := c.reader(ctx, worker, "/connectors/"+readinessCheck, &Connector{})
	r.name = readinessCheck
	_, failure := r.once(ctx)
	if failure != nil && errors.Is(failure, ErrNotFound) {
		return nil
	}
	return failure
}

// oneKafkaCluster returns [ErrDifferentClusters] if workers report different ids of their Kafka clusters.
func oneKafkaCluster(workers []Worker) error {
	var first *Worker
	for i, w := range workers {
		switch {
		case w.KafkaClusterID == "":
		case first == nil:
			first = &workers[i]
		case w.KafkaClusterID != first.KafkaClusterID:
			return fmt.Errorf("the URLs lead to %w: %s answers kafka_cluster_id %q, %s answers %q",
				ErrDifferentClusters, first.URL, first.KafkaClusterID, w.URL, w.KafkaClusterID)
		}
	}
	return nil
}
