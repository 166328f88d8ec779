namespace Koubou.Cli.Doctor;

/// <summary>How many craftsmen a machine's memory bears: a rule of thumb, on the careful side.</summary>
internal static class MemoryRule
{
    private const long MiB = 1024 * 1024;

    /// <summary>What the services of the workshop take together.</summary>
    public const long ServicesBytes = 600 * MiB;

    /// <summary>What one more request at a time costs the model server: the context of a small model.</summary>
    public const long CraftsmanBytes = 400 * MiB;

    /// <summary>Craftsmen that fit, at least 1 because fewer is no workshop.</summary>
    /// <param name="freeBytes">What the system can still give away.</param>
    /// <param name="modelBytes">What the model takes; 0: it is loaded already, or is elsewhere.</param>
    public static int CraftsmenThatFit(long freeBytes, long modelBytes) =>
        (int)Math.Clamp((freeBytes - modelBytes - ServicesBytes) / CraftsmanBytes, 1, int.MaxValue);
}
