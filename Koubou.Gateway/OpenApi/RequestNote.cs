namespace Koubou.Gateway.OpenApi;

/// <summary>What an endpoint reads by itself, which the framework therefore cannot see: noted on it for the document.</summary>
internal enum RequestNote
{
    /// <summary>A task as body.</summary>
    Task,

    /// <summary>A batch of tasks as body.</summary>
    Batch,

    /// <summary>A list of ids as body.</summary>
    Ids,

    /// <summary><c>?wait=30</c>.</summary>
    Wait,

    /// <summary><c>?offset=0</c> and Last-Event-ID.</summary>
    Offset,

    /// <summary>The filters of a list.</summary>
    Filters,

    /// <summary>The header Idempotency-Key.</summary>
    IdempotencyKey,
}
