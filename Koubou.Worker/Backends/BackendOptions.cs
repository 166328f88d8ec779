using Koubou.Contracts;

namespace Koubou.Worker.Backends;

/// <summary>What all model servers have in common. Configuration section <c>Koubou:Worker:Backends:NAME</c>.</summary>
public class BackendOptions
{
    public const string Section = "Koubou:Worker:Backends";

    /// <summary>What it speaks: <c>ollama</c>, <c>openai</c> (and all servers alike) or <c>anthropic</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>Its address, such as <c>http://localhost:8080/v1</c>. Default: the usual one of its kind.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>The model for tasks that name none.</summary>
    public string Model { get; set; } = "";

    /// <summary>
    /// Where it computes, for the data policy. Default: <c>Local</c> on a loopback address, <c>Private</c> on an address in
    /// <c>Koubou:Worker:PrivateNetworks</c> or a name without dots, else <c>Cloud</c>. Each connection is checked against
    /// it: a backend that is said to be nearer than it is cannot be reached.
    /// </summary>
    public Zone? Zone { get; set; }

    /// <summary>Whether only tasks that name this backend are sent to it. Default: false.</summary>
    public bool OnlyWhenNamed { get; set; }

    /// <summary>Requests that it surely answers side by side. Default: 1.</summary>
    public int ParallelMin { get; set; } = 1;

    /// <summary>Requests that it is ever given side by side; between both, the node finds the best. Default: 8.</summary>
    public int ParallelMax { get; set; } = 8;

    /// <summary>Failures in a row after which it is left alone for a while. Default: 3.</summary>
    public int CircuitFailures { get; set; } = 3;

    /// <summary>How long it is left alone. Default: 15 seconds.</summary>
    public TimeSpan CircuitBreak { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Pause between two looks whether it is there. Default: 5 seconds, in the cloud 1 minute.</summary>
    public TimeSpan? ProbeInterval { get; set; }

    /// <summary>How long one look, one connection, or one question about a model may take. Default: 5 seconds.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>An answer that brings nothing new for this long has failed. Default: 5 minutes.</summary>
    public TimeSpan SilenceTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Pause before a task that was given back comes again. Default: 5 seconds.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The pause between two looks, with the default of its zone.</summary>
    internal TimeSpan ProbeIntervalIn(Zone zone) => ProbeInterval
        ?? (zone == Contracts.Zone.Cloud ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(5));
}
