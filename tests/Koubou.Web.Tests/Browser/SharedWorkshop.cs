namespace Koubou.Web.Tests.Browser;

/// <summary>One workshop for all tests of the pages; each test keeps to tasks with a label of its own.</summary>
public sealed class SharedWorkshop(Chromium chromium) : IAsyncLifetime
{
    public const string Collection = "Pages";
    private OpenWorkshop? _workshop;

    public OpenWorkshop Workshop => _workshop ?? throw new InvalidOperationException("The workshop was not opened.");

    public async ValueTask InitializeAsync()
    {
        _workshop = await OpenWorkshop.StartAsync(chromium);
        AddUsualNode();
    }

    /// <summary>So many finished tasks and nothing else, until what is returned is disposed.</summary>
    public async Task<IAsyncDisposable> StockAsync(int tasks)
    {
        await StartAnewAsync();
        Workshop.Queue.Stock(tasks);
        return new Stock(this);
    }

    public void AddUsualNode() => Workshop.Queue.AddNode("worker-01", shape: node => node.Capabilities.Add("*"));

    public async ValueTask DisposeAsync()
    {
        if (_workshop is not null)
        {
            await _workshop.DisposeAsync();
        }
    }

    private async Task StartAnewAsync()
    {
        await Workshop.EmptyAsync();
        AddUsualNode();
    }

    private sealed class Stock(SharedWorkshop shared) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await shared.StartAnewAsync();
    }
}

[CollectionDefinition(SharedWorkshop.Collection)]
public sealed class SharedWorkshopCollection : ICollectionFixture<SharedWorkshop>;
