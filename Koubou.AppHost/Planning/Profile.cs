namespace Koubou.AppHost.Planning;

/// <summary>How much of the stack runs. Setting <c>Koubou:Profile</c>.</summary>
internal enum Profile
{
    /// <summary>Nothing but the services: SQLite, and an Ollama that already runs here, if any.</summary>
    Embedded,

    /// <summary>With containers beside them: Ollama, and Redis or RabbitMQ where the queue wants one.</summary>
    Full,

    /// <summary>As published: several schedulers on a shared queue.</summary>
    Distributed,
}

/// <summary>Where the queue lives. Setting <c>Koubou:Queue</c>.</summary>
internal enum QueueEngine
{
    /// <summary>A file in the workshop's home; one scheduler.</summary>
    Sqlite,

    /// <summary>A Redis server; several schedulers.</summary>
    Redis,

    /// <summary>A RabbitMQ broker, with records in a file, or in Redis for several schedulers.</summary>
    RabbitMq,
}

/// <summary>Where the model comes from.</summary>
internal enum ModelSource
{
    /// <summary>None was found; each worker node looks again for itself.</summary>
    None,

    /// <summary>A server that already runs.</summary>
    Existing,

    /// <summary>A container of our own.</summary>
    Container,
}
