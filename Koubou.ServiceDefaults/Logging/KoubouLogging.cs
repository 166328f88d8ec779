using System.Globalization;
using Koubou.ServiceDefaults.Home;
using Koubou.ServiceDefaults.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Serilog;
using Serilog.Extensions.Logging;

namespace Koubou.ServiceDefaults.Logging;

internal static class KoubouLogging
{
    private const long LogBytesMax = 32 * 1024 * 1024;
    private const int LogFilesMax = 5;

    /// <summary>
    /// Console lines, and the same in <c>logs/NAME.log</c> (32 MiB a file, five files kept). <c>LOG_LEVEL</c> sets the
    /// detail: TRACE, DEBUG, INFO (default), WARNING, ERROR.
    /// </summary>
    public static void AddKoubouLogging(this IHostApplicationBuilder builder, KoubouHome home, string logName)
    {
        var wanted = builder.Configuration["LOG_LEVEL"];
        if (!string.IsNullOrWhiteSpace(wanted))
        {
            var level = ParseLevel(wanted);
            builder.Logging.SetMinimumLevel(level);
            builder.Logging.AddFilter("Koubou", level);
        }

        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

        // Under an AppHost the addresses are its to tell.
        builder.Logging.AddFilter(
            "Microsoft.Hosting.Lifetime", ParentLifeline.IsHeld ? LogLevel.Warning : LogLevel.Information);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.Logging.AddFilter("Grpc", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Logging.AddFilter("Polly", LogLevel.Warning);

        // A probe before a service is ready is no event; what it found is in the probe's answer.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

        // "Overriding address(es)": each service chooses its endpoints itself, ASPNETCORE_URLS among them.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        builder.Logging.AddConsole(console => console.FormatterName = LineFormatter.FormatterName);
        builder.Logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();

        var file = new LoggerConfiguration()
            .MinimumLevel.Verbose()
            .Enrich.FromLogContext()
            .WriteTo.File(
                Path.Combine(home.Logs, logName + ".log"),
                outputTemplate: "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} {SourceContext} {Message:lj}{NewLine}{Exception}",
                formatProvider: CultureInfo.InvariantCulture,
                fileSizeLimitBytes: LogBytesMax,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: LogFilesMax,
                shared: false)
            .CreateLogger();

        // As a plain provider: AddSerilog would lift all filters above for the file and log every trace of every library.
        builder.Services.AddSingleton<ILoggerProvider>(_ => new SerilogLoggerProvider(file, dispose: true));
    }

    internal static LogLevel ParseLevel(string word) => word.Trim().ToUpperInvariant() switch
    {
        "TRACE" => LogLevel.Trace,
        "DEBUG" => LogLevel.Debug,
        "INFO" or "INFORMATION" => LogLevel.Information,
        "WARN" or "WARNING" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "CRITICAL" => LogLevel.Critical,
        _ => throw new SettingException(
            $"LOG_LEVEL is '{word}'. Allowed: TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL."),
    };
}
