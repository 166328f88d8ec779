using CsCheck;
using Koubou.Contracts;
using Koubou.Web.Pages.Tasks;

namespace Koubou.Web.Tests.Tasks;

public sealed class TaskFilterTests
{
    [Fact]
    public void Query_OfAnyFilter_IsReadBackAsTheSame()
    {
        var text = Gen.String.Select(value => value.Trim());
        var filters = Gen.Select(
            Gen.Enum<TaskState>().Where(state => state != TaskState.Unspecified).Array[0, 3], text, text, text, Gen.Int[0, TaskFilter.OrderWords.Count - 1].Select(TaskFilter.OrderWords.ElementAt),
            (states, type, label, search, order) => new TaskFilter
            {
                States = [.. states.Distinct().Order()],
                Type = type,
                Label = label,
                Text = search,
                Order = order,
            });

        filters.Sample(filter => Assert.Equal(filter, TaskFilter.Parse(filter.ToQuery())));
    }

    [Fact]
    public void Parse_WithWhatItDoesNotKnow_PassesItOver()
    {
        var filter = TaskFilter.Parse("?state=failed&state=nonsense&colour=red&q=%20minutes%20");

        Assert.Equal([TaskState.Failed], filter.States);
        Assert.Equal("minutes", filter.Text);
        Assert.Equal("?state=failed&q=minutes", filter.ToQuery());
    }

    [Fact]
    public void Request_CarriesEveryFilter()
    {
        var request = TaskFilter
            .Parse("?state=queued&type=code&label=project%3Dapollo&client=ci&batch=night&worker=w1&q=x&order=oldest")
            .ToRequest();

        Assert.Equal([TaskState.Queued], request.States);
        Assert.Equal(["code"], request.Types_);
        Assert.Equal("apollo", request.Labels["project"]);
        Assert.Equal(("ci", "night", "w1", "x", true),
            (request.Client, request.BatchId, request.Node, request.Text, request.OldestFirst));
    }
}
