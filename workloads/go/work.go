// The work that a benchmark did, counted as workloads/trial.c counts it.
package main

const fnvPrime = 0x100000001b3

// work is one epoch's, or the sum over the measured epochs.
type work struct {
	tasks    uint64
	messages uint64
	checksum uint64
}

// add sums the counts and folds the checksum in: the order of epochs matters.
func (w *work) add(epoch work) {
	w.tasks += epoch.tasks
	w.messages += epoch.messages
	w.checksum = (w.checksum ^ epoch.checksum) * fnvPrime
}
