package connectfake

import "maps"

// Connector returns the configuration that the cluster holds and the state that the connector was asked
// to be in, or false.
func (w *Worker) Connector(name string) (config map[string]string, target string, ok bool) {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	k, ok := w.cluster.connectors[name]
	if !ok {
		return nil, "", false
	}
	config = map[string]string{}
	for key, value := range k.config {
		config[key] = text(value)
	}
	return config, k.target, true
}

// Seed puts a connector into the cluster, as somebody else would.
func (w *Worker) Seed(name, target string, config map[string]string) {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	w.cluster.create(name, withName(name, config), target)
}

// Edit changes a configuration behind the client's back. A nil value is stored as null; keys that are
// not given stay.
func (w *Worker) Edit(name string, change map[string]*string) {
	w.with(name, func(c *cluster, k *connector) {
		config := maps.Clone(k.config)
		maps.Copy(config, change)
		c.configure(k, config)
	})
}

// Unset removes keys from a configuration behind the client's back.
func (w *Worker) Unset(name string, keys ...string) {
	w.with(name, func(c *cluster, k *connector) {
		config := maps.Clone(k.config)
		for _, key := range keys {
			delete(config, key)
		}
		c.configure(k, config)
	})
}

// SetTarget pauses (PAUSED), resumes (RUNNING) or stops (STOPPED) behind the client's back.
func (w *Worker) SetTarget(name, target string) {
	w.with(name, func(c *cluster, k *connector) { c.setTarget(k, target) })
}

// Remove deletes a connector behind the client's back.
func (w *Worker) Remove(name string) {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	delete(w.cluster.connectors, name)
}

// FailTask makes one task FAILED with this stack trace. A restart heals it.
func (w *Worker) FailTask(name string, id int, trace string) {
	w.with(name, func(_ *cluster, k *connector) {
		k.tasks[id] = task{"FAILED", trace}
		k.publish()
	})
}

// Break makes the tasks of a connector FAILED with this stack trace, now and whenever they start. The
// connector may be one that does not exist yet.
func (w *Worker) Break(name, trace string) { w.setBroken(name, breakage{tasks: &trace}) }

// BreakConnector makes the connector itself FAILED with this stack trace, now and whenever it starts.
func (w *Worker) BreakConnector(name, trace string) { w.setBroken(name, breakage{connector: &trace}) }

// Mend ends what [Worker.Break] and [Worker.BreakConnector] began. What FAILED stays so until it is
// started again.
func (w *Worker) Mend(name string) {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	delete(w.cluster.broken, name)
}

// StickTasks keeps changes of the configuration from the tasks, as a connector does that fails to compute their
// configurations: it is RUNNING, and its tasks run on as they are.
func (w *Worker) StickTasks(name string) {
	w.with(name, func(c *cluster, k *connector) { c.stuck[k.name] = true })
}

// FreeTasks ends what [Worker.StickTasks] began: the tasks get the configuration of now.
func (w *Worker) FreeTasks(name string) {
	w.with(name, func(c *cluster, k *connector) {
		delete(c.stuck, k.name)
		c.run(k)
	})
}

func (w *Worker) setBroken(name string, b breakage) {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	w.cluster.broken[name] = b
	if k, ok := w.cluster.connectors[name]; ok {
		w.cluster.run(k)
	}
}

// with calls f with a connector that exists.
func (w *Worker) with(name string, f func(*cluster, *connector)) {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	k, ok := w.cluster.connectors[name]
	if !ok {
		panic("connectfake: there is no connector " + name)
	}
	f(w.cluster, k)
}

// withName returns the configuration as a worker stores it.
func withName(name string, config map[string]string) map[string]*string {
	stored := map[string]*string{}
	for key, value := range config {
		stored[key] = &value
	}
	stored["name"] = &name
	return stored
}
