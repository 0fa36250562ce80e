package connectfake

import "maps"

// Connector returns the configuration and the target state of a connector, or false.
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

// Seed creates a connector, as another client would.
func (w *Worker) Seed(name, target string, config map[string]string) {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	w.cluster.create(name, withName(name, config), target)
}

// Edit changes keys of a configuration, as another client would. A nil value is stored as null.
func (w *Worker) Edit(name string, change map[string]*string) {
	w.with(name, func(c *cluster, k *connector) {
		config := maps.Clone(k.config)
		maps.Copy(config, change)
		c.configure(k, config)
	})
}

// Unset removes keys from a configuration, as another client would.
func (w *Worker) Unset(name string, keys ...string) {
	w.with(name, func(c *cluster, k *connector) {
		config := maps.Clone(k.config)
		for _, key := range keys {
			delete(config, key)
		}
		c.configure(k, config)
	})
}

// SetTarget pauses (PAUSED), resumes (RUNNING) or stops (STOPPED) a connector, as another client would.
func (w *Worker) SetTarget(name, target string) {
	w.with(name, func(c *cluster, k *connector) { c.setTarget(k, target) })
}

// Remove deletes a connector, as another client would.
func (w *Worker) Remove(name string) {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	delete(w.cluster.connectors, name)
}

// FailTask makes one task FAILED with this stack trace, until the task is restarted.
func (w *Worker) FailTask(name string, id int, trace string) {
	w.with(name, func(_ *cluster, k *connector) {
		k.tasks[id] = task{"FAILED", trace}
		k.publish()
	})
}

// SetTopics sets the active topics of a connector. Its tasks process no records themselves.
func (w *Worker) SetTopics(name string, topics ...string) {
	w.with(name, func(_ *cluster, k *connector) { k.topics = topics })
}

// Break makes the tasks of a connector FAILED with this stack trace, now and whenever they start. The connector need not
// exist yet.
func (w *Worker) Break(name, trace string) { w.setBroken(name, breakage{tasks: &trace}) }

// BreakWith is [Worker.Break] for tasks with this value of a key only.
func (w *Worker) BreakWith(name, key, value, trace string) {
	w.setBroken(name, breakage{tasks: &trace, key: key, value: value})
}

// BreakConnector makes the connector itself FAILED with this stack trace, now and whenever it starts.
func (w *Worker) BreakConnector(name, trace string) { w.setBroken(name, breakage{connector: &trace}) }

// Repair undoes [Worker.Break] and [Worker.BreakConnector]. FAILED parts stay FAILED until they are restarted.
func (w *Worker) Repair(name string) {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	delete(w.cluster.broken, name)
}

// StickTasks makes tasks ignore changes of the configuration, like the tasks of a connector that fails to generate their
// configurations: the connector is RUNNING, and its tasks keep their configuration.
func (w *Worker) StickTasks(name string) {
	w.with(name, func(c *cluster, k *connector) { c.stuck[k.name] = true })
}

// FreeTasks undoes [Worker.StickTasks]: the tasks get the current configuration.
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

// with calls f with a connector, which must exist.
func (w *Worker) with(name string, f func(*cluster, *connector)) {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	k, ok := w.cluster.connectors[name]
	if !ok {
		panic("connectfake: no connector " + name)
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
