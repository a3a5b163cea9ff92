/** What Swagger UI 5.35 leaves out for those who do not look: landmarks, headings in order, and controls that hold no other control. */
import type { Plugin } from 'swagger-ui-dist/swagger-ui-es-bundle.js'

/** Components of Swagger UI, each inside what it lacks. */
export const accessible: Plugin = {
  wrapComponents: {
    operations:
      (Original, { React }) =>
      (properties) =>
        React.createElement(
          React.Fragment,
          null,
          React.createElement('h2', { className: 'heading' }, 'Operations'),
          React.createElement(Original, properties),
        ),
    // There is one server: the one that this page is of.
    ServersContainer: () => () => null,
    AuthorizeBtnContainer:
      (Original, { React }) =>
      (properties) =>
        React.createElement('section', { 'aria-label': 'Tokens' }, React.createElement(Original, properties)),
    // The heading of an operation is a button already; a link in it could not be reached.
    DeepLink:
      (_, { React }) =>
      ({ text }) =>
        React.createElement('span', null, text),
  },
}
