using Koubou.OllamaStandIn;
using Microsoft.Extensions.Logging;

namespace Koubou.Worker.Tests.Harness;

/// <summary>Keeps every log line for the test to look at.</summary>
public sealed class LogCatcher : ILoggerProvider
{
    public SignalLog<LogLine> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogCatcher owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => category.StartsWith("Koubou", StringComparison.Ordinal) || logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                owner.Lines.Add(new LogLine(logLevel, category, formatter(state, exception)));
            }
        }
    }
}

public sealed record LogLine(LogLevel Level, string Category, string Text);
