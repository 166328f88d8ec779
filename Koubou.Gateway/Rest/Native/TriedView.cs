using Koubou.Contracts;
using Koubou.Gateway.Rest.Views;

namespace Koubou.Gateway.Rest.Native;

/// <summary>A backend that was asked and could not answer.</summary>
/// <param name="Backend">Its name.</param>
/// <param name="Model">The model that was wanted of it.</param>
/// <param name="Error">What it said.</param>
public sealed record TriedView(string Backend, string? Model, ErrorView? Error)
{
    internal static TriedView Of(TriedBackend tried) =>
        new(tried.Backend, tried.Model.OrNull(), ErrorView.Of(tried.Error));
}
