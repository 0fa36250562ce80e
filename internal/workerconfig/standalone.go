package workerconfig

// Standalone is the configuration of a stand-alone worker: one process, without a
// group and without internal topics.
type Standalone struct {
	Worker
	// OffsetStorageFile is where the worker keeps the offsets of its sources. Required.
	OffsetStorageFile string
}

// Properties returns the configuration of the worker. The properties are complete
// also where there are problems, as far as they can be, but are not to be used
// when one is an error.
func (s Standalone) Properties() (Properties, Problems) {
	r := newRenderer(ModeStandalone)
	s.renderConnection(r)
	r.text("offset.storage.file.filename", s.OffsetStorageFile, "offset_storage_file_filename")
	s.renderConverters(r)
	s.Place.render(r)
	s.renderRest(r)
	return r.properties, r.problems
}
