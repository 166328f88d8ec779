namespace Koubou.Cli;

/// <summary>How the program ends. Scripts rely on these numbers.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It could not be done, a task did not succeed, or the doctor found an error.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl+C, as shells know it.</summary>
    public const int Interrupted = 130;
}
