namespace Koubou.Gateway.Tests.Parity;

/// <summary>What every door can do, in the words of the script that all of them are put through.</summary>
internal interface IDoor : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Submits one task; its fields under the names of REST.</summary>
    Task<Said> SubmitAsync(IReadOnlyDictionary<string, object> task);

    /// <summary>Reads a task.</summary>
    Task<Said> ReadAsync(string id);

    /// <summary>Waits until a task is finished, then reads it.</summary>
    Task<Said> WaitAsync(string id);

    Task<Said> CancelAsync(string id);

    Task<Said> RetryAsync(string id);
}
