using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Xmtp.Gateway.Hosting.Start;

/// <summary>Options without validation: the start checks use the valid parts even when others are invalid.</summary>
internal sealed class UncheckedOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(
    IEnumerable<IConfigureOptions<T>> configure, IEnumerable<IPostConfigureOptions<T>> after)
    where T : class
{
    /// <summary>The options, bound and not validated.</summary>
    public T Value { get; } = new OptionsFactory<T>(configure, after).Create(Microsoft.Extensions.Options.Options.DefaultName);
}
