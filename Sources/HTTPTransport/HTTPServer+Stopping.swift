import ServingCore
import Synchronization

extension HTTPServer {
    /// From now on answers carry `Connection: close`.
    public func setDraining() {
        context.isDraining.store(true, ordering: .sequentiallyConsistent)
    }

    /// Closes the listening socket; connections that are open go on.
    public func stopAccepting() {
        state.withLock { $0.acceptor.take() }?.stop()
    }

    /// A stop under way, or to come, waits for no answer any more: what is not answered yet is answered 503 or cut.
    public func hurry() {
        context.isHurried.store(true, ordering: .sequentiallyConsistent)
        context.exchangeEnded.signal()
    }

    /// Stops the server: takes no more connections, waits for what is under way, at most for `grace`, answers the rest with
    /// ``ServingError/Code/draining``, and ends all threads. Blocks; not to be called from a handler.
    ///
    /// The order matters: libmicrohttpd aborts the process when it is stopped with a suspended connection, so first nothing may
    /// be suspended any more, then everything that is gets resumed, and only then the daemon is stopped.
    public func stop(grace: Duration) {
        guard let daemon = state.withLock({ $0.daemon.take() }) else { return }
        setDraining()
        stopAccepting()
        _ = context.waitForExchanges(atMost: grace, canBeHurried: true)
        context.isStopping.store(true, ordering: .sequentiallyConsistent)
        answerTheRest()
        if !context.waitForExchanges(atMost: context.configuration.finalAnswerTime) { abortTheRest() }
        // Closed now, with bytes of theirs unread, they would be reset and might lose their answer.
        context.waitForInterrupted(atMost: context.configuration.lingerTime)
        daemon.stop()
        context.pacer.stop()
        context.reaper.stop()
        context.lingering.stop()
    }

    private func answerTheRest() {
        for connection in context.connections.all {
            connection.resumeHandshake()
            guard let exchange = connection.exchange else { continue }
            exchange.answer { [context] in context.drainingResponse(exchange) }
        }
    }

    private func abortTheRest() {
        for connection in context.connections.all { connection.exchange?.abort() }
    }
}
