using Bunit;
using Koubou.Web.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Koubou.Web.Tests.Overview;

/// <summary>What components need when they are rendered without a page around them.</summary>
public abstract class OverviewContext : BunitContext
{
    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 3, 12, 0, 0, TimeSpan.Zero));

    protected OverviewContext()
    {
        Services.AddLocalization();
        Services.AddLogging();
        Services.AddSingleton<TimeProvider>(Clock);
        Services.AddScoped<Reader>();
    }
}
