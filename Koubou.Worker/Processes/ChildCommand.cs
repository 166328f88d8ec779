using Koubou.Worker.Processes.Relays;

namespace Koubou.Worker.Processes;

/// <summary>A program to run for a task, and the bounds within which it may.</summary>
internal sealed record ChildCommand
{
    /// <summary>The program: a path, or a name that is looked for in <c>PATH</c>.</summary>
    public required string Program { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The folder that it works in.</summary>
    public required string Folder { get; init; }

    /// <summary>All that it sees of an environment; nothing is inherited. See <see cref="CleanEnvironment"/>.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Written to its standard input, which is then closed.</summary>
    public string Input { get; init; } = "";

    /// <summary>The longest that it may run.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>False: it gets a network of its own without any way out, not even to this machine. Default: true.</summary>
    public bool Network { get; init; } = true;

    /// <summary>
    /// The one way out of a network of its own; with it <see cref="Network"/> counts as false. Default: none.
    /// </summary>
    public LoopbackRelay? Relay { get; init; }

    /// <summary>Takes lines of standard error, which then are no part of its complaints. Default: takes none.</summary>
    public Func<string, bool> TakesErrorLine { get; init; } = _ => false;

    /// <summary>The longest line that it may write, in characters. Default: 8 Mi.</summary>
    public int LineCharsMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>All that it may write, in characters. Default: 64 Mi.</summary>
    public long OutputCharsMax { get; init; } = 64 * 1024 * 1024;
}
