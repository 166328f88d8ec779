namespace Koubou.Worker.Backends.Demo;

/// <summary>The stand-in for a model. Configuration section <c>Koubou:Worker:Demo</c>.</summary>
public sealed class DemoOptions
{
    public const string Section = "Koubou:Worker:Demo";

    /// <summary>Whether it answers where no real backend is configured or found. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Pause between two pieces of an answer, so that streaming can be seen. Default: 15 milliseconds.</summary>
    public TimeSpan PieceDelay { get; set; } = TimeSpan.FromMilliseconds(15);
}
