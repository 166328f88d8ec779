using Koubou.Contracts;
using Koubou.Web.Pages.Events;

namespace Koubou.Web.Tests.Pages;

public sealed class EventFilterTests
{
    [Theory]
    [InlineData("", EventKind.Unspecified, "")]
    [InlineData("?kind=retryscheduled", EventKind.RetryScheduled, "")]
    [InlineData("?kind=failed&q=a%20%26%20b", EventKind.Failed, "a & b")]
    public void Query_IsReadAndWritten(string query, EventKind kind, string text)
    {
        var filter = new EventFilter(kind, text);

        Assert.Equal(filter, EventFilter.Parse(query));
        Assert.Equal(query, filter.ToQuery());
    }

    [Fact]
    public void Query_OfAnUnknownKind_ShowsAll() => Assert.Equal(EventFilter.None, EventFilter.Parse("?kind=sung&x=1"));
}
