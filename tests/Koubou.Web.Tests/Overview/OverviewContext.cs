using Bunit;
using Microsoft.Extensions.DependencyInjection;

namespace Koubou.Web.Tests.Overview;

/// <summary>What components need when they are rendered without a page around them.</summary>
public abstract class OverviewContext : BunitContext
{
    protected OverviewContext()
    {
        Services.AddLocalization();
        Services.AddLogging();
    }
}
