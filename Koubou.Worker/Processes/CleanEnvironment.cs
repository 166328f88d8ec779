using System.Collections;

namespace Koubou.Worker.Processes;

/// <summary>
/// The environment of a child, put together from a list of what is allowed. The worker's own holds join keys, connection
/// strings and the keys of other backends, none of which an agent should be able to print.
/// </summary>
internal static class CleanEnvironment
{
    // What programs need to be found, to speak the user's language, and to trust the machine's certificates.
    private static readonly string[] Allowed =
    [
        "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS",
        "SystemRoot", "SystemDrive", "ComSpec", "PATHEXT", "WINDIR", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
    ];

    /// <param name="home">The folder that the program takes for the user's home.</param>
    /// <param name="temporary">Its folder for temporary files.</param>
    /// <param name="passed">Further variables to hand over, where the worker has them. They may replace the home.</param>
    public static Dictionary<string, string> Create(string home, string temporary, IEnumerable<string> passed)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = home,
            ["USERPROFILE"] = home,
            ["TMPDIR"] = temporary,
            ["TMP"] = temporary,
            ["TEMP"] = temporary,
        };
        var names = Allowed.Concat(passed).ToHashSet(
            OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable is { Key: string name, Value: string value } && names.Contains(name))
            {
                environment[name] = value;
            }
        }

        return environment;
    }
}
