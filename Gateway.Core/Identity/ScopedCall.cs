using Microsoft.Extensions.DependencyInjection;

namespace Xmtp.Gateway.Identity;

/// <summary>Calls a type of the application that is created for each call.</summary>
/// <remarks>
/// In a scope of its own, not that of the HTTP request: authorizers run concurrently, and scoped services, such as database
/// contexts, are not made for that.
/// </remarks>
internal static class ScopedCall
{
    /// <summary>Creates the type, calls it, and ends its scope.</summary>
    internal static async ValueTask<TResult> RunAsync<T, TResult>(IServiceScopeFactory scopes, Func<T, ValueTask<TResult>> call)
        where T : class
    {
        var scope = scopes.CreateAsyncScope();
        await using var scopeScope = scope.ConfigureAwait(false);
        return await call(scope.ServiceProvider.GetRequiredService<T>()).ConfigureAwait(false);
    }
}
