namespace Koubou.Bench.Peers;

/// <summary>
/// A queue as a measurement sees it: one process submits, another runs eight tasks at a time that do nothing. Each task
/// has a prompt of 100 bytes; its record and its answer are kept, where the queue keeps any.
/// </summary>
internal interface IContestant : IAsyncDisposable
{
    /// <summary>As it stands in the names of figures.</summary>
    string Name { get; }

    /// <summary>What is on disk when.</summary>
    string Durability { get; }

    /// <summary>Tasks per second, one in a call, while nobody works. Each client has its own connection. The tasks stay.</summary>
    Task<double> SubmitSinglesAsync(int clients, int each);

    /// <summary>Tasks per second, a thousand in a call, four calls at once, while nobody works. The tasks stay.</summary>
    Task<double> SubmitBatchesAsync(int tasks);

    /// <summary>Tasks per second of working off those that stay, from the moment at which the worker may begin.</summary>
    Task<double> DrainAsync();

    /// <summary>Tasks per second from the first submit, 500 in a call and two calls at once, to the last answer on record.</summary>
    Task<double> RunEndToEndAsync(int tasks, bool priorities);

    /// <summary>Times from the call of submit to the start of the work, one task after another. Sorted.</summary>
    Task<Milliseconds> MeasureIdleAsync(int rounds);
}

/// <summary>Latencies of many rounds.</summary>
internal readonly record struct Milliseconds(double P50, double P99)
{
    public static Milliseconds Of(double[] latencies)
    {
        Array.Sort(latencies);
        return new Milliseconds(latencies[latencies.Length / 2], latencies[latencies.Length * 99 / 100]);
    }
}
