using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Koubou.ServiceDefaults.Hosting;

/// <summary>Runs a service; what keeps it from starting is told in a sentence, not as a stack trace.</summary>
public static class KoubouService
{
    private const int CannotStart = 78;

    /// <summary>
    /// Builds and runs a service until it is told to stop. Returns 0, or 78 (EX_CONFIG of sysexits.h) after telling on
    /// standard error which setting, address or folder keeps it from starting.
    /// </summary>
    /// <param name="service">Its name, for the message.</param>
    /// <param name="build">Puts it together.</param>
    public static async Task<int> RunAsync(string service, Func<WebApplication> build)
    {
        WebApplication? app = null;
        try
        {
            app = build();
            await app.StartAsync();
        }
        catch (Exception error) when (Explain(error) is { } reason)
        {
            await Console.Error.WriteLineAsync($"Koubou's {service} cannot start: {reason}");
            if (app is not null)
            {
                // Else what has started already would tell that it was broken off.
                await app.StopAsync();
                await app.DisposeAsync();
            }

            return CannotStart;
        }

        await using (app)
        {
            await app.WaitForShutdownAsync();
        }

        return 0;
    }

    // The sentence of an error that its operator can mend; null for a bug, which keeps its stack trace.
    private static string? Explain(Exception error) => error switch
    {
        AggregateException several when several.InnerExceptions.All(each => Explain(each) is not null) =>
            string.Join(" ", several.InnerExceptions.Select(Explain)),
        InvalidDataException { InnerException: { } cause } unreadable => $"{unreadable.Message} {cause.Message}",
        OptionsValidationException invalid => string.Join(" ", invalid.Failures),
        SettingException or UnusableException => error.Message,
        InvalidOperationException { InnerException: FormatException or InvalidCastException } unreadable =>
            unreadable.Message + " " + unreadable.InnerException!.Message,
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } taken =>
            $"{taken.Message} End the program that holds the port, or choose another port.",
        UnauthorizedAccessException denied => denied.Message,
        _ => null,
    };
}

/// <summary>A setting is not allowed. The message names key, value and what is allowed.</summary>
public sealed class SettingException(string message) : InvalidOperationException(message);

/// <summary>Something that a service stands on cannot be used. The message says what mends it.</summary>
public class UnusableException(string message, Exception? inner = null) : Exception(message, inner);
