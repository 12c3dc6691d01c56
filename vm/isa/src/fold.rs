//! The operations with names that fold values of several processors into one.
//!
//! `REDUCE sum`, `AGGREGATE total max` and `combine=min` write them; how they fold is the superstep runtime's.

macro_rules! define_folds {
    ($( $variant:ident $name:literal $doc:literal; )*) => {
        /// An operation that folds two values into one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum FoldOperation {
            $( #[doc = $doc] $variant, )*
        }

        impl FoldOperation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),* ];

            /// All names, as a message lists them.
            pub const NAMES: &'static [&'static str] = &[ $( $name ),* ];

            /// How programs write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }

            /// The operation of that name.
            #[must_use]
            pub fn of_name(name: &str) -> Option<Self> {
                match name { $( $name => Some(Self::$variant), )* _ => None }
            }
        }
    };
}

define_folds! {
    Sum "sum" "Adds, as `ADD`.";
    Product "product" "Multiplies, as `MUL`.";
    Min "min" "The smaller, as `MIN`.";
    Max "max" "The larger, as `MAX`.";
    Count "count" "How many there are.";
    And "and" "Whether all are true, as `AND`.";
    Or "or" "Whether one is true, as `OR`.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_name() {
        for (operation, name) in FoldOperation::ALL.iter().zip(FoldOperation::NAMES) {
            assert_eq!(operation.name(), *name);
            assert_eq!(FoldOperation::of_name(name), Some(*operation));
        }
        assert_eq!(FoldOperation::of_name("Sum"), None);
    }
}
